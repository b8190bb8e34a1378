import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { WriteQueue } from "../../../../../native-host/sinks/rtmp/write-queue.ts";

/** A network that takes nothing until it is told to. */
class Network extends Writable {
  bytes = 0;
  #blocked = true;
  #resume: (() => void) | null = null;
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytes += chunk.length;
    if (this.#blocked) this.#resume = done;
    else done();
  }
  open(): void {
    this.#blocked = false;
    this.#resume?.();
  }
}

const limits = { bytes: 1_000_000, span: 1000 };
const frame = (timestamp: number, keyframe = false, bytes = 1000) => ({
  kind: "video" as const,
  bytes: Buffer.alloc(bytes),
  timestamp,
  keyframe,
});
const drained = (queue: WriteQueue) => expect.poll(() => queue.waitingBytes).toBe(0);

describe("WriteQueue", () => {
  it("leaves out pictures beyond its span, up to a keyframe with room, and counts them", async () => {
    const network = new Network();
    const queue = new WriteQueue(network, { bytes: 1e9, span: 1000 });
    const large = 100_000; // more than the socket is given at a time: so the first frame waits too
    const taken = Array.from({ length: 60 }, (_, index) => queue.push(frame(index * 33, index % 30 === 0, large)));
    expect(taken.lastIndexOf(true)).toBe(31); // 31 * 33 ms is the first beyond 1000 ms
    expect(queue.droppedFrames).toBe(28);
    expect(queue.push(frame(1980, true))).toBe(false); // a keyframe, but no room
    network.open();
    await drained(queue);
    expect(queue.push(frame(2013))).toBe(false); // room, but no keyframe
    expect(queue.push(frame(2046, true))).toBe(true);
    expect(queue.push(frame(2079))).toBe(true);
    await drained(queue);
    expect(queue.droppedFrames).toBe(30);
    expect(queue.sentBytes).toBe(32 * large + 2000);
    expect(network.bytes).toBe(32 * large + 2000);
  });

  it("is bounded in bytes, for sound too, but always takes what the connection itself says", () => {
    const queue = new WriteQueue(new Network(), limits);
    for (let index = 0; index < 50; index++) queue.push(frame(0, true, 100_000));
    expect(queue.waitingBytes).toBe(1_000_000);
    expect(queue.push({ ...frame(0), kind: "audio" })).toBe(false);
    expect(queue.push({ ...frame(0), kind: "control" })).toBe(true);
    expect(queue.droppedFrames).toBe(40);
  });

  it("tells for how long nothing has moved, even inside a large frame", async () => {
    const network = new Network();
    const queue = new WriteQueue(network, limits);
    expect(queue.stalledFor).toBe(0);
    queue.push(frame(0, true, 500_000));
    await expect.poll(() => queue.stalledFor).toBeGreaterThan(50);
    expect(network.bytes).toBeLessThanOrEqual(65_536);
    network.open();
    await drained(queue);
    expect(queue.stalledFor).toBe(0);
  });
});
