// Starts a host with its launcher, says hello over native messaging just as a browser would, and ends it again. Its state goes
// to a temporary directory.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { deserializeError, FlyBrowserError, SerializedErrorSchema } from "../../protocol/errors.ts";
import { type HostInfo, HostInfoSchema } from "../../protocol/native-messages.ts";
import { temporaryDirectory } from "../../protocol/node/environment.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import { EXTENSION_ID, PROTOCOL_VERSION, SOFTWARE_VERSION } from "../../protocol/version.ts";

/** ms for all of it. */
const TIMEOUT = 10_000;

const ResponseSchema = v.union([
  v.object({ kind: v.literal("response"), error: SerializedErrorSchema }),
  v.object({ kind: v.literal("response"), result: HostInfoSchema }),
]);

/** A native messaging frame: length in four bytes, then JSON (developer.chrome.com: Native messaging). */
function frame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

/** The first complete message in `data`, or null. */
function firstMessage(data: Buffer): unknown {
  if (data.length < 4 || data.length < 4 + data.readUInt32LE()) return null;
  return JSON.parse(data.subarray(4, 4 + data.readUInt32LE()).toString("utf8"));
}

const HELLO = {
  kind: "request",
  id: 1,
  method: "hello",
  params: {
    protocol_version: PROTOCOL_VERSION,
    extension_version: SOFTWARE_VERSION,
    user_agent: "flybrowser doctor",
    preferred_port: null,
    resumes: [],
  },
};

/**
 * What a host reports about itself, started with the environment `env`, within `timeout` ms.
 * @throws FlyBrowserError `host_lost` if it doesn't start or its response is invalid; the error that it responds with.
 */
export async function probeHost(
  launcher: string,
  { env = process.env, timeout = TIMEOUT }: { env?: NodeJS.ProcessEnv; timeout?: number } = {},
): Promise<HostInfo> {
  const stateDir = await mkdtemp(join(temporaryDirectory(), "flybrowser-doctor-"));
  const child = spawn(launcher, [`chrome-extension://${EXTENSION_ID}/`], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...env, FLYBROWSER_STATE_DIR: stateDir },
    shell: process.platform === "win32", // a .bat file needs one
  });
  const ended = once(child, "close").catch(() => {});
  const timer = setTimeout(() => child.kill("SIGKILL"), timeout);
  try {
    return await new Promise<HostInfo>((resolve, reject) => {
      let received: Buffer = Buffer.alloc(0);
      const lost = (reason: Words) => reject(new FlyBrowserError("host_lost", { reason }));
      child.on("error", (error) => lost(error.message));
      child.on("close", (code, signal) => lost(sentence("host.ended_early", { status: signal ?? code })));
      child.stdin.on("error", () => {}); // `close` follows
      child.stdout.on("data", (data: Buffer) => {
        received = Buffer.concat([received, data]);
        const message = firstMessage(received);
        if (message === null) return;
        const parsed = v.safeParse(ResponseSchema, message);
        if (!parsed.success) lost(sentence("host.senseless_answer"));
        else if ("error" in parsed.output) reject(deserializeError(parsed.output.error));
        else resolve(parsed.output.result);
      });
      child.stdin.write(frame(HELLO));
    });
  } finally {
    child.stdin.end(); // the host ends when its browser does
    await ended;
    clearTimeout(timer);
    await rm(stateDir, { recursive: true, force: true });
  }
}
