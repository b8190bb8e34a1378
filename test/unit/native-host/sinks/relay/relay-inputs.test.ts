// Which data channels of viewers take input: one that shows a ticket of the host's, for its own stream, in time, and no other one.
import type { DataChannel } from "node-datachannel";
import { beforeEach, expect, it, vi } from "vitest";
import { RelayInputs } from "../../../../../native-host/sinks/relay/relay-inputs.ts";
import { INPUT_ACCEPTED, MAX_INPUT_BYTES } from "../../../../../protocol/control-messages.ts";

let told: string[];
let inputs: RelayInputs;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  inputs = new RelayInputs((ticket, text) => told.push(`${ticket}: ${text}`));
  return () => vi.useRealTimers();
});

/** A viewer's channel. */
function channel(stream_id = "one") {
  let [message, closed] = [(_: string | Buffer) => {}, () => {}];
  const made = { sent: [] as string[], open: true, says: (text: string | Buffer) => message(text) };
  inputs.serve(stream_id, {
    onMessage: (listener: typeof message) => {
      message = listener;
    },
    onClosed: (listener: typeof closed) => {
      closed = listener;
    },
    sendMessage: (text: string) => made.sent.push(text) > 0,
    close: () => {
      if (made.open) {
        made.open = false;
        closed();
      }
    },
  } as unknown as DataChannel);
  return made;
}

it("the channel that shows a ticket speaks to the host, until the ticket holds no more", () => {
  inputs.open("one", "t");
  const viewer = channel();
  viewer.says("t");
  viewer.says("hello");
  expect([viewer.sent, told]).toEqual([[INPUT_ACCEPTED], ["t: hello"]]);
  inputs.close("t");
  viewer.says("late");
  expect([viewer.open, told]).toEqual([false, ["t: hello"]]);
});

it("every other channel is closed: without a ticket, with another stream's, with one that is in use or too old", () => {
  inputs.open("one", "t");
  const stranger = channel();
  stranger.says('{"type":"input"}');
  const other = channel("two");
  other.says("t");
  const first = channel();
  first.says("t");
  const second = channel();
  second.says("t");
  expect([stranger, other, first, second].map(({ open }) => open)).toEqual([false, false, true, false]);
  inputs.open("one", "old");
  vi.advanceTimersByTime(10_000);
  const late = channel();
  late.says("old");
  expect(late.open).toBe(false);
  expect(told).toEqual([]);
  first.says("after a while");
  expect(told).toEqual(["t: after a while"]);
});

it("what no player sends closes it: bytes, and messages beyond the bound; the ticket goes with it", () => {
  for (const offence of [Buffer.from("t"), "x".repeat(MAX_INPUT_BYTES + 1)]) {
    inputs.open("one", "t");
    const viewer = channel();
    viewer.says("t");
    viewer.says(offence);
    expect([viewer.open, told]).toEqual([false, []]);
    const again = channel();
    again.says("t");
    expect(again.open).toBe(false);
  }
});

it("there are only so many tickets", () => {
  for (let count = 0; count < 256; count++) inputs.open("one", `t${count}`);
  expect(() => inputs.open("one", "more")).toThrow(/256/);
  vi.advanceTimersByTime(10_000);
  inputs.open("one", "later");
});
