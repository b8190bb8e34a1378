// What a host would refuse in the environment once a stream is asked for, said before a browser is started: its port, its addresses,
// its FFmpeg.
import { once } from "node:events";
import { createServer } from "node:net";
import { Deadline, sleep } from "../protocol/async.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import { publicBase, wishedAddresses, wishedPort } from "../protocol/node/host-settings.ts";
import { findFfmpeg, someFfmpeg } from "./ffmpeg/find.ts";

/** ms for which a port that is taken is tried again: a host that ends has it for a moment. */
const PORT_WITHIN = 1_000;
/** ms that FFmpeg has to tell its version. */
const FFMPEG_WITHIN = 1_500;

/**
 * Checks it, within 2 s. `view_address`: FLYBROWSER_VIEW_ADDRESS isn't used, a flag stands in its place.
 * @throws FlyBrowserError `setting_invalid`, `port_taken`, `ffmpeg_not_found`
 */
export async function assertHostEnvironment(
  { view_address }: { view_address: boolean },
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const port = wishedPort(env);
  publicBase(env);
  if (!view_address) wishedAddresses(env);
  if (env.FLYBROWSER_FFMPEG || !someFfmpeg(env)) {
    const found = findFfmpeg({ env }, FFMPEG_WITHIN);
    if (typeof found === "string") throw new FlyBrowserError("ffmpeg_not_found", { reason: found });
  }
  if (port !== 0) await assertFree(port);
}

async function assertFree(port: number): Promise<void> {
  const deadline = new Deadline(PORT_WITHIN);
  for (;;) {
    const server = createServer();
    try {
      await once(server.listen(port, "127.0.0.1"), "listening");
      return;
    } catch (thrown) {
      const error = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
      if (error !== "EADDRINUSE" || deadline.passed)
        throw new FlyBrowserError("port_taken", { port: String(port), error });
      await sleep(100);
    } finally {
      await new Promise((closed) => server.close(closed));
    }
  }
}
