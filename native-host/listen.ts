// Chooses the port of the HTTP server: the one in the links of a host that died, the one that is wished for, any.
import { Deadline, sleep } from "../protocol/async.ts";
import { partLogger } from "./logging.ts";

/** ms for which a port that is still taken by a dying host is tried again, and between two tries. */
const RETRY_FOR = 2_000;
const RETRY_EVERY = 100;

const log = partLogger("http");

/** Something that can listen. Rejects where it can't, with EADDRINUSE or EACCES as its code or its cause's. */
export interface Listenable {
  listen(options: { port: number }): Promise<number>;
}

/** The system's code of an error, or of its cause. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return cause?.code ?? code;
}

async function listenWithin(server: Listenable, port: number, within: number): Promise<number | null> {
  const deadline = new Deadline(within);
  for (;;) {
    try {
      return await server.listen({ port });
    } catch (error) {
      const code = codeOf(error);
      if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
      if (code === "EACCES" || deadline.passed) {
        log.warning("port {port} can't be used ({code})", { port, code });
        return null;
      }
      await sleep(RETRY_EVERY);
    }
  }
}

/**
 * Listens on the preferred port if it becomes free within 2 s, else on the wished one, else on any. Gives the port.
 */
export async function listenSomewhere(server: Listenable, preferred: number | null, wished: number): Promise<number> {
  const first = preferred === null ? null : await listenWithin(server, preferred, RETRY_FOR);
  return first ?? (wished > 0 ? await listenWithin(server, wished, 0) : null) ?? server.listen({ port: 0 });
}

/** The port that FLYBROWSER_PORT wishes for; 0: any. */
export function wishedPort(environment: NodeJS.ProcessEnv): number {
  const text = environment.FLYBROWSER_PORT;
  if (!text) return 0;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  log.warning("FLYBROWSER_PORT={text} is no port; any free one is used", { text });
  return 0;
}
