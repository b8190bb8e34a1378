// Chooses the port of the HTTP server: the one that is wished for, the one in the links of a host that died, any.
import { Deadline, sleep } from "../protocol/async.ts";
import { FlyBrowserError, toFlyBrowserError } from "../protocol/errors.ts";
import { wishedPort } from "../protocol/node/host-settings.ts";
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

async function listenWithin(
  server: Listenable,
  port: number,
  within: number,
): Promise<number | { readonly code: string }> {
  const deadline = new Deadline(within);
  for (;;) {
    try {
      return await server.listen({ port });
    } catch (error) {
      const code = codeOf(error);
      if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
      if (code === "EACCES" || deadline.passed) {
        log.warning("port {port} can't be used ({code})", { port, code });
        return { code };
      }
      await sleep(RETRY_EVERY);
    }
  }
}

/** Where the server listens. */
export interface ListeningPort {
  readonly port: number;
  /** FLYBROWSER_PORT could not be had: the control API is here all the same, so that programs learn why, but no stream is. */
  readonly problem: FlyBrowserError | null;
}

/**
 * Listens on the port that FLYBROWSER_PORT names; without that on the preferred one, if it becomes free within 2 s, else on any.
 */
export async function listenSomewhere(
  server: Listenable,
  preferred: number | null,
  environment: NodeJS.ProcessEnv,
): Promise<ListeningPort> {
  let wished = 0;
  let problem: FlyBrowserError | null = null;
  try {
    wished = wishedPort(environment);
  } catch (error) {
    problem = toFlyBrowserError(error);
  }
  const first = wished || preferred;
  if (first) {
    const tried = await listenWithin(server, first, RETRY_FOR);
    if (typeof tried === "number") return { port: tried, problem };
    if (wished) problem = new FlyBrowserError("port_taken", { port: String(wished), error: tried.code });
  }
  return { port: await server.listen({ port: 0 }), problem };
}
