import { beforeEach, describe, expect, it } from "vitest";
import { boundFor, Publisher } from "../../../../extension/offscreen/publisher.ts";
import type { MediaMessage } from "../../../../protocol/media-messages.ts";

const MIB = 1024 * 1024;
const OPENING = {
  mime_type: "x",
  width: 2,
  height: 2,
  matrix: "bt709",
  sound_late: 0,
  has_audio: true,
  captured_at: 1,
} as const;

describe("boundFor", () => {
  it("is 8 MiB for ordinary bitrates, 4 s of media above", () => {
    expect(boundFor(3_000_000)).toBe(8 * MIB);
    expect(boundFor(50_000_000)).toBe(25_000_000);
  });
});

describe("Publisher", () => {
  let sent: MediaMessage[];
  let events: string[];
  let connected: boolean;
  let publisher: Publisher;
  const kinds = () => sent.map(({ kind }) => kind);

  beforeEach(() => {
    sent = [];
    events = [];
    connected = true;
    publisher = new Publisher({
      stream_id: "s",
      first_run: 0,
      bitrate: 3_000_000,
      frame_rate: 30,
      port: () => (connected ? { postMessage: (message) => sent.push(message) } : null),
      onOverflow: (run, next) => events.push(`overflow ${run} ${next}`),
      onRoom: () => events.push("room"),
    });
  });

  it("numbers runs from 0 and sends in order", () => {
    const run = publisher.openRun(OPENING);
    publisher.send(run, new ArrayBuffer(5), 100);
    publisher.closeRun(run, "stopped");
    expect(publisher.openRun(OPENING)).toBe(1);
    expect(kinds()).toEqual(["run_opened", "chunk", "run_closed", "run_opened"]);
    expect(publisher.underWay).toBe(5);
  });

  it("ends the run beyond the bound, loses whole slices, and counts them in frames with the next run", () => {
    const run = publisher.openRun(OPENING);
    for (let mib = 0; mib < 8; mib++) publisher.send(run, new ArrayBuffer(MIB), 100);
    expect(events).toEqual([]);
    publisher.send(run, new ArrayBuffer(1), 100);
    publisher.send(run, new ArrayBuffer(1), 100);
    expect(events).toEqual(["overflow 0 at_once"]);
    expect(publisher.underWay).toBe(8 * MIB);
    expect(kinds().filter((kind) => kind === "chunk")).toHaveLength(8);
    expect(sent.at(-1)).toMatchObject({ kind: "run_closed", run: 0 });
    publisher.openRun(OPENING);
    expect(sent.at(-2)).toMatchObject({ kind: "frames_dropped", frames: 6 });
  });

  /** As many runs as there is room for, nothing taken. */
  function fill(): void {
    for (let run = 0; run < 4; run++) {
      publisher.openRun(OPENING);
      for (let mib = 0; mib < 9; mib++) publisher.send(run, new ArrayBuffer(MIB), 100);
    }
  }
  const FULL = ["overflow 0 at_once", "overflow 1 at_once", "overflow 2 after_room", "overflow 3 after_room"];

  it("has the next run begin at once, each with its own bound, until all together have reached theirs", () => {
    fill();
    expect(events).toEqual(FULL);
    expect(publisher.underWay).toBe(24 * MIB);
  });

  it("tells once that there is room, when three quarters of a run's bound are left", () => {
    fill();
    for (let run = 0; run < 2; run++) publisher.accepted(run, 8 * MIB);
    publisher.accepted(2, 5 * MIB);
    expect(events).toEqual(FULL);
    publisher.accepted(2, MIB);
    publisher.accepted(2, MIB);
    expect(events).toEqual([...FULL, "room"]);
    expect(publisher.underWay).toBe(MIB);
  });

  it("takes an acknowledgement of a later run as the end of the earlier ones", () => {
    publisher.send(publisher.openRun(OPENING), new ArrayBuffer(10), 100);
    publisher.closeRun(0, "x");
    publisher.send(publisher.openRun(OPENING), new ArrayBuffer(20), 100);
    publisher.accepted(1, 5);
    expect(publisher.underWay).toBe(15);
  });

  it("ignores acknowledgements of what it never sent", () => {
    publisher.accepted(3, 100);
    expect(publisher.underWay).toBe(0);
  });

  it("counts what a dead host had not taken as lost", () => {
    const run = publisher.openRun(OPENING);
    publisher.send(run, new ArrayBuffer(10), 1000);
    publisher.closeRun(run, "x");
    publisher.forgetUnderWay();
    expect(publisher.underWay).toBe(0);
    publisher.openRun(OPENING);
    expect(sent.at(-2)).toMatchObject({ kind: "frames_dropped", frames: 30 });
  });

  it("stays within the bound without a port", () => {
    connected = false;
    const run = publisher.openRun(OPENING);
    for (let mib = 0; mib < 20; mib++) publisher.send(run, new ArrayBuffer(MIB), 100);
    expect(publisher.underWay).toBeLessThanOrEqual(8 * MIB);
    expect(events).toEqual(["overflow 0 at_once"]);
  });

  /** What is sent once more, by run and bytes. */
  function again(taken: { run: number; bytes: number; told: number }): unknown[] | null {
    sent = [];
    if (!publisher.goOn(taken)) return null;
    return sent.map((each) => [each.kind, ...(each.kind === "chunk" ? [each.run, each.buffer.byteLength] : [])]);
  }

  it("sends what the host lacks once more, and counts what it has told of in vain", () => {
    const run = publisher.openRun(OPENING);
    for (const bytes of [10, 20, 30]) publisher.send(run, new ArrayBuffer(bytes), 100);
    publisher.accepted(run, 10);
    expect(again({ run, bytes: 30, told: 30 })).toEqual([["run_continued"], ["chunk", 0, 30]]);
    expect(publisher.underWay).toBe(30);
    publisher.accepted(run, 30);
    expect(publisher.underWay).toBe(0);
    expect(again({ run, bytes: 60, told: 60 })).toEqual([["run_continued"]]);
  });

  it("sends the end of a run and the runs after it, which came while there was no way to the host", () => {
    publisher.send(publisher.openRun(OPENING), new ArrayBuffer(10), 100);
    connected = false;
    publisher.send(0, new ArrayBuffer(20), 100);
    publisher.closeRun(0, "resized");
    publisher.send(publisher.openRun(OPENING), new ArrayBuffer(30), 100);
    connected = true;
    const all = [["run_continued"], ["chunk", 0, 20], ["run_closed"], ["run_opened"], ["chunk", 1, 30]];
    expect(again({ run: 0, bytes: 10, told: 0 })).toEqual(all);
  });

  it("gives a host that has nothing a run from its beginning, and none that has lost its beginning", () => {
    publisher.send(publisher.openRun(OPENING), new ArrayBuffer(10), 100);
    const fresh = { run: -1, bytes: 0, told: 0 };
    expect(again(fresh)).toEqual([["run_continued"], ["run_opened"], ["chunk", 0, 10]]);
    publisher.accepted(0, 10);
    publisher.send(0, new ArrayBuffer(20), 100);
    expect(again(fresh)).toBeNull();
    expect(again({ run: 0, bytes: 5, told: 5 })).toBeNull();
    publisher.closeRun(0, "stopped");
    expect(again({ run: 0, bytes: 30, told: 30 })).toBeNull();
  });
});
