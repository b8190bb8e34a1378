import { beforeEach, describe, expect, it } from "vitest";
import { toBase64, toBase64Slowly } from "../../../../extension/background/base64.ts";
import { MediaRelay, type RelayPort } from "../../../../extension/background/media-relay.ts";
import type { MediaAck } from "../../../../protocol/media-messages.ts";

const opening = (run: number) => ({
  kind: "run_opened",
  run: {
    stream_id: "s",
    run,
    mime_type: "x",
    width: 2,
    height: 2,
    has_audio: true,
    captured_at: 1,
    matrix: "bt709",
    sound_late: 0,
    sent_at: 2,
    clock: 3,
  },
});
const chunk = (run: number, text = "ab") => ({
  kind: "chunk",
  stream_id: "s",
  run,
  sent_at: 4,
  frames: 3,
  unseen: 0,
  buffer: new TextEncoder().encode(text).slice().buffer,
});
const closing = (run: number) => ({ kind: "run_closed", stream_id: "s", run, reason: "r" });

describe("MediaRelay", () => {
  let sent: [string, unknown][];
  let acks: MediaAck[];
  let port: RelayPort;
  let relay: MediaRelay;
  const receive = (data: unknown) => port.onmessage?.({ data } as MessageEvent);

  beforeEach(() => {
    sent = [];
    acks = [];
    port = { onmessage: null, postMessage: (ack) => acks.push(ack), close: () => {} };
    relay = new MediaRelay((event, params) => sent.push([event, params]));
    relay.takePort(port);
    relay.attach("s");
  });

  it("forwards a run in its order, as base64", () => {
    for (const message of [opening(0), chunk(0, "ab"), chunk(0, "cd"), closing(0)]) receive(message);
    expect(sent.map(([event]) => event)).toEqual(["run_opened", "chunk", "chunk", "run_closed"]);
    expect(sent[1]?.[1]).toEqual({ stream_id: "s", run: 0, sent_at: 4, frames: 3, unseen: 0, data: "YWI=" });
  });

  it("gives a new host only runs that began under it", () => {
    receive(opening(0));
    relay.detachAll();
    relay.attach("s");
    for (const message of [chunk(0), closing(0), opening(1), chunk(1)]) receive(message);
    expect(sent.map(([event]) => event)).toEqual(["run_opened", "run_opened", "chunk"]);
  });

  it("gives a host that has a run already what follows of it, once that is announced", () => {
    receive(opening(0));
    relay.detachAll();
    relay.attach("s");
    receive(chunk(0, "xx")); // behind what the host lacks
    for (const message of [{ kind: "run_continued", stream_id: "s", run: 0 }, chunk(0), closing(0)]) receive(message);
    expect(sent.map(([event]) => event)).toEqual(["run_opened", "chunk", "run_closed"]);
    expect(relay.nextRun("s")).toBe(1);
  });

  it("throws away what is not a media message, or of no stream of this host", () => {
    relay.detach("s");
    receive(opening(0));
    receive({ kind: "chunk", stream_id: "s", run: 0, buffer: "text" });
    expect(sent).toEqual([]);
  });

  it("is drained when the last run has been closed", async () => {
    receive(opening(0));
    let drained = false;
    const waiting = relay.drained("s", 60_000).then(() => {
      drained = true;
    });
    await Promise.resolve();
    expect(drained).toBe(false);
    receive(closing(0));
    await waiting;
    expect(drained).toBe(true);
  });

  it("passes acknowledgements back", () => {
    relay.acknowledge({ stream_id: "s", run: 0, bytes: 7, eager: true });
    expect(acks).toEqual([{ kind: "chunk_accepted", stream_id: "s", run: 0, bytes: 7, eager: true }]);
  });
});

describe("toBase64", () => {
  it("agrees with Node's, in both ways", () => {
    const bytes = Uint8Array.from({ length: 100_001 }, (_, index) => (index * 31) % 256);
    const expected = Buffer.from(bytes).toString("base64");
    expect(toBase64Slowly(bytes)).toBe(expected);
    expect(toBase64(bytes)).toBe(expected);
  });
});
