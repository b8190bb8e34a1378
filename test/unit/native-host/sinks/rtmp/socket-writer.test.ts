import { once } from "node:events";
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { SocketWriter } from "../../../../../native-host/sinks/rtmp/socket-writer.ts";

/** A network that takes nothing until it is told to. */
class Network extends Writable {
  readonly taken: Buffer[] = [];
  #blocked = true;
  #resume: (() => void) | null = null;
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.taken.push(chunk);
    if (this.#blocked) this.#resume = done;
    else done();
  }
  open(): void {
    this.#blocked = false;
    this.#resume?.();
  }
}

const bytes = (length: number, fill = 0) => Buffer.alloc(length, fill);

describe("SocketWriter", () => {
  it("sends everything in order, and counts what the network has taken", async () => {
    const network = new Network();
    const writer = new SocketWriter(network);
    for (let index = 0; index < 40; index++) writer.write(bytes(10_000, index));
    expect(writer).toMatchObject({ waiting: 400_000, sent: 0 });
    network.open();
    await writer.drained(0);
    expect(writer).toMatchObject({ waiting: 0, sent: 400_000 });
    const order = Array.from({ length: 40 }, (_, index) => bytes(10_000, index));
    expect(Buffer.concat(network.taken).equals(Buffer.concat(order))).toBe(true);
  });

  it("is busy while more than a little waits", async () => {
    const network = new Network();
    const writer = new SocketWriter(network);
    writer.write(bytes(60_000));
    expect(writer.drained()).toBeUndefined();
    expect(writer.drained(0)).toBeInstanceOf(Promise);
    writer.write(bytes(60_000));
    const drained = writer.drained();
    expect(drained).toBeInstanceOf(Promise);
    network.open();
    await drained;
    expect(writer.waiting).toBeLessThanOrEqual(65_536);
  });

  it("tells for how long nothing has moved, even inside a large frame", async () => {
    const network = new Network();
    const writer = new SocketWriter(network);
    expect(writer.stalled_for).toBe(0);
    writer.write(bytes(500_000));
    await expect.poll(() => writer.stalled_for).toBeGreaterThan(50);
    expect(Buffer.concat(network.taken).length).toBeLessThanOrEqual(65_536);
    network.open();
    await writer.drained(0);
    expect(writer.stalled_for).toBe(0);
  });

  it("lets those go who wait for a socket that has ended, and takes nothing more", async () => {
    const network = new Network();
    const writer = new SocketWriter(network);
    writer.write(bytes(500_000));
    const drained = writer.drained();
    network.destroy();
    await Promise.all([drained, once(network, "close")]);
    const { waiting } = writer;
    writer.write(bytes(10));
    expect(writer.waiting).toBe(waiting);
    expect(writer.drained(0)).toBeUndefined();
  });
});
