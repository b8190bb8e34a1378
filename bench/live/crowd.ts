// Entry of the process that holds many viewers of the live engine's socket. Takes a job as JSON in its argument; prints {"counting":true} when
// all are in, and what they saw at the end, each as a line on stdout.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";
import { sleep } from "../../protocol/async.ts";
import { type LiveMessage, readObject } from "../../protocol/live-messages.ts";
import { percentile } from "../statistics.ts";

/** What a crowd is to do. */
export interface CrowdJob {
  /** `live_url` of a stream. */
  readonly url: string;
  readonly viewers: number;
  /** Seconds that count; the ramp comes before. */
  readonly seconds: number;
}

/** What a crowd saw while it counted. */
export interface CrowdResult {
  /** Viewers whose connection stood to the end. */
  readonly connected: number;
  /** Bytes that a viewer got: the least, and in the median. */
  readonly least_bytes: number;
  readonly median_bytes: number;
  /** ms by which an object came to a viewer after it had come to the first one, of {@link READERS} who read what they get. */
  readonly behind_p50: number;
  readonly behind_p99: number;
  /** Groups of pictures that were left out for those. */
  readonly left_out: number;
  /** CPU cores of the crowd itself. */
  readonly crowd_cores: number;
}

/** Viewers who read the messages; the others count bytes, which costs the crowd less. */
const READERS = 20;
/** Viewers that come in within a second. */
const JOINING = 150;
const SETTLE = 2_000;
/** ms between two pongs that nobody asked for: the host misses who gives none. */
const PONG = 5_000;
/** An empty pong, masked with zeros (RFC 6455 5.5.3). */
const PONG_FRAME = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

const job = JSON.parse(process.argv[2] ?? "{}") as CrowdJob;
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
const bytes: number[] = [];
const arrivals = new Map<string, number[]>();
let left_out = 0;
let counting = false;

/** A viewer who reads. */
async function read(index: number): Promise<() => boolean> {
  const socket = new WebSocket(job.url);
  socket.binaryType = "arraybuffer";
  socket.on("message", (data, binary) => {
    if (!counting) return;
    bytes[index] = (bytes[index] ?? 0) + (binary ? (data as ArrayBuffer).byteLength : String(data).length);
    if (binary) {
      const { track_alias, group_id, object_id } = readObject(data as ArrayBuffer);
      const name = `${track_alias}/${group_id}/${object_id}`;
      arrivals.set(name, [...(arrivals.get(name) ?? []), performance.now()]);
    } else {
      const message = JSON.parse(String(data)) as LiveMessage;
      if (message.type === "left_out") left_out += message.groups;
    }
  });
  await once(socket, "open");
  return () => socket.readyState === WebSocket.OPEN;
}

/** A viewer who counts. */
async function count(index: number): Promise<() => boolean> {
  const { hostname, port, host, pathname } = new URL(job.url);
  const socket: Socket = connect(Number(port), hostname);
  const key = randomBytes(16).toString("base64");
  const asked = [`GET ${pathname} HTTP/1.1`, `Host: ${host}`, "Upgrade: websocket", "Connection: Upgrade"];
  socket.write(`${[...asked, `Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Version: 13"].join("\r\n")}\r\n\r\n`);
  const [first] = (await once(socket, "data")) as [Buffer];
  if (!first.toString("latin1").startsWith("HTTP/1.1 101")) throw new Error(first.toString("latin1", 0, 100));
  socket.on("error", () => {}); // it isn't connected any more then
  socket.on("data", (data) => {
    if (counting) bytes[index] = (bytes[index] ?? 0) + data.length;
  });
  setInterval(() => socket.write(PONG_FRAME), PONG).unref();
  return () => !socket.destroyed;
}

const viewers: (() => boolean)[] = [];
for (let index = 0; index < job.viewers; index++) {
  viewers.push(await (index < READERS ? read(index) : count(index)));
  await sleep(1_000 / JOINING);
}
await sleep(SETTLE);
say({ counting: true });
counting = true;
const before = process.cpuUsage();
await sleep(job.seconds * 1_000);
counting = false;
const { user, system } = process.cpuUsage(before);
const behind = [...arrivals.values()].flatMap((times) => times.slice(1).map((time) => time - (times[0] ?? time)));
const result: CrowdResult = {
  connected: viewers.filter((stands) => stands()).length,
  least_bytes: percentile(bytes, 0),
  median_bytes: percentile(bytes, 0.5),
  behind_p50: behind.length > 0 ? percentile(behind, 0.5) : 0,
  behind_p99: behind.length > 0 ? percentile(behind, 0.99) : 0,
  left_out,
  crowd_cores: (user + system) / 1e6 / job.seconds,
};
say(result);
process.exit(0);
