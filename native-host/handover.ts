// Where the connection to the extension was lost and the host lives: Chrome has stopped the service worker that held it. The next one
// starts another process, which finds this host by its session and hands its own connection over to it (docs/decisions/handover.md).
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex, Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { Deadline } from "../protocol/async.ts";
import { type EndedProcess, HostContract } from "../protocol/native-messages.ts";
import { isProcessAlive, listControlFiles } from "../protocol/node/control-files.ts";
import { identityOf, isRunning, ProcessIdentitySchema } from "../protocol/node/processes.ts";
import { hostsDirectory } from "../protocol/node/state-directory.ts";
import { isFrozen } from "./ffmpeg/frozen.ts";
import { partLogger } from "./logging.ts";
import { frame, MessageReader } from "./native-messaging.ts";

/** ms for which a host without a connection waits for the next one. */
const WAIT_FOR = 3_000;
/** ms between two looks at the browser meanwhile. */
const LOOK_EVERY = 100;
/** ms in which a host must answer that has lost its connection, and between two attempts. */
const ANSWERS_WITHIN = 1_500;
const ATTEMPT_EVERY = 20;
/** ms in which a process that was killed is gone. */
const GONE_WITHIN = 1_000;

const log = partLogger("handover");

const socketOf = (state_dir: string, session_id: string) => join(hostsDirectory(state_dir), `${session_id}.sock`);
/** Where the bridge to a host writes who it is. */
const bridgeFileOf = (state_dir: string, session_id: string) => join(hostsDirectory(state_dir), `${session_id}.bridge`);

/** What {@link nextConnection} needs. */
export interface NextConnectionOptions {
  readonly state_dir: string;
  readonly session_id: string;
  /** The browser's process: once that has gone, nobody will come. */
  readonly browser: number;
  /** ms; 3 s where it is left out. */
  readonly within?: number;
}

/** The next connection of a host that has lost its own; `null`: none came in time. */
export async function nextConnection(options: NextConnectionOptions): Promise<Duplex | null> {
  const { state_dir, session_id, within = WAIT_FOR } = options;
  const browser = identityOf(options.browser);
  const path = socketOf(state_dir, session_id);
  const deadline = new Deadline(within);
  const server = createServer({ pauseOnConnect: true });
  let taken: Socket | null = null;
  server.once("connection", (socket) => {
    taken = socket;
  });
  try {
    removeBridge(state_dir, session_id);
    rmSync(path, { force: true });
    server.listen(path); // its folder is open to the user alone
    await once(server, "listening");
    while (taken === null && !deadline.passed && isRunning(browser) !== false) {
      await Promise.race([once(server, "connection"), sleep(LOOK_EVERY)]);
    }
  } catch (error) {
    log.warning("no other connection can come: {error}", { error });
  } finally {
    server.close();
    rmSync(path, { force: true });
  }
  return taken;
}

/** The next message, which is left to be read; `null`: it has ended before, or isn't to be understood. */
function firstMessage(input: Readable): Promise<unknown> {
  const reader = new MessageReader();
  const pieces: Buffer[] = [];
  return new Promise((resolve) => {
    const done = (message: unknown) => {
      input.off("data", take);
      input.off("end", ended);
      input.pause();
      if (pieces.length > 0 && !input.readableEnded) input.unshift(Buffer.concat(pieces));
      resolve(message);
    };
    const ended = () => done(null);
    const take = (piece: Buffer) => {
      pieces.push(piece);
      try {
        const next = reader.push(piece).next();
        if (!next.done) done(next.value);
      } catch {
        done(null); // whoever reads it again says what is wrong with it
      }
    };
    input.on("data", take);
    input.on("end", ended);
    input.resume();
  });
}

const EndFrozenSchema = v.object({
  ...{ kind: v.literal("request"), id: v.number(), method: v.literal("endFrozen") },
  params: HostContract.methods.endFrozen.params,
});

/**
 * The message with which a connection begins, as {@link firstMessage}, once it was answered whether a host that says nothing was stopped:
 * who has examined it can be its next bridge, or the next host.
 */
export async function beginning(state_dir: string, input: Readable, output: Writable): Promise<unknown> {
  for (;;) {
    const message = await firstMessage(input);
    const asked = v.safeParse(EndFrozenSchema, message);
    if (!asked.success) return message;
    const length: unknown = input.read(4);
    if (!Buffer.isBuffer(length)) return null; // it has ended
    input.read(length.readUInt32LE());
    const { id, params } = asked.output;
    const ended = await endFrozen(state_dir, params.session_id);
    output.write(frame({ kind: "response", id, result: { ended } }));
  }
}

const HelloSchema = v.object({ method: v.literal("hello"), params: HostContract.methods.hello.params });

/** The session that a connection is to go on with, by its first message; `null`: with none. */
export function continuedSession(message: unknown): string | null {
  const parsed = v.safeParse(HelloSchema, message);
  return parsed.success ? parsed.output.params.continues : null;
}

/**
 * Hands this process's connection over to the host of a session, if that lives, and is its bridge from then on; resolves when either side
 * has ended it. `false`: there is no such host (any more), one that is frozen or doesn't answer included, which is killed.
 */
export async function handOver(
  state_dir: string,
  session_id: string,
  input: Readable,
  output: Writable,
): Promise<boolean> {
  const reached = await reach(state_dir, session_id);
  if (!reached) return false;
  const { pid, socket } = reached;
  process.title = `flybrowser-bridge ${pid}`;
  log.info("this connection is handed over to the host {pid}", { pid });
  writeFileSync(bridgeFileOf(state_dir, session_id), JSON.stringify(identityOf(process.pid)), { mode: 0o600 });
  const ended = Promise.race([once(socket, "close"), once(input, "close"), once(output, "close")]);
  for (const stream of [socket, input, output]) stream.on("error", () => {}); // told by its close
  input.pipe(socket);
  socket.pipe(output);
  await ended;
  socket.destroy();
  if (bridgeOf(state_dir, session_id) === process.pid) removeBridge(state_dir, session_id);
  return true;
}

/** The host of a session has no bridge any more. Idempotent. */
export function removeBridge(state_dir: string, session_id: string): void {
  rmSync(bridgeFileOf(state_dir, session_id), { force: true });
}

/**
 * Kills the host of a session, or the bridge in front of it, if that has been stopped (SIGSTOP): it lives, and does nothing. Gives which
 * of them it was; `null`: neither.
 */
export async function endFrozen(state_dir: string, session_id: string): Promise<EndedProcess | null> {
  const host = pidOf(state_dir, session_id);
  if (host === null) return null; // there is nothing behind a bridge
  for (const [name, pid] of [["host", host] as const, ["bridge", bridgeOf(state_dir, session_id)] as const]) {
    if (pid === null || !(await isFrozen(pid))) continue;
    log.warning("the {name} {pid} has been stopped: it is killed", { name, pid });
    await kill(pid);
    return name;
  }
  return null;
}

async function reach(state_dir: string, session_id: string): Promise<{ pid: number; socket: Socket } | null> {
  const deadline = new Deadline(ANSWERS_WITHIN);
  for (;;) {
    const pid = pidOf(state_dir, session_id);
    if (pid === null || (await endFrozen(state_dir, session_id)) === "host") return null;
    const socket = await connected(socketOf(state_dir, session_id));
    if (socket) return { pid, socket };
    if (deadline.passed) {
      log.warning("the host {pid} has lost its connection and doesn't answer: it is killed", { pid });
      await kill(pid);
      return null;
    }
    await sleep(ATTEMPT_EVERY);
  }
}

function pidOf(state_dir: string, session_id: string): number | null {
  return listControlFiles(state_dir).find((file) => file.session_id === session_id)?.pid ?? null;
}

/** The bridge that stands in front of a session's host; `null`: none does. */
function bridgeOf(state_dir: string, session_id: string): number | null {
  try {
    const text = readFileSync(bridgeFileOf(state_dir, session_id), "utf8");
    const identity = v.parse(ProcessIdentitySchema, JSON.parse(text));
    return isRunning(identity) ? identity.pid : null; // its id may be another process's by now
  } catch {
    return null;
  }
}

async function connected(path: string): Promise<Socket | null> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return socket;
  } catch {
    return null; // it hasn't noticed yet that its connection is lost, or is ending
  }
}

async function kill(pid: number): Promise<void> {
  const deadline = new Deadline(GONE_WITHIN);
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    return; // it has gone
  }
  while (isProcessAlive(pid) && !deadline.passed) await sleep(ATTEMPT_EVERY);
}
