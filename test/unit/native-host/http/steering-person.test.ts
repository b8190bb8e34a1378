// What one person's player says by its socket and by its data channel: done once, in order, and not when they have no control.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type InputChannelEvents, SteeringPerson } from "../../../../native-host/http/steering-person.ts";
import type { HostMessage, Input } from "../../../../protocol/control-messages.ts";

let told: HostMessage[];
let done: string[];
let offences: number;
let opened: (InputChannelEvents & { ticket: string; closed: boolean })[];
/** Whether there is a relay. */
let relay: boolean;
let tellPerson: (message: HostMessage) => void;
let person: SteeringPerson;

const text = (n: number, letter = String.fromCharCode(96 + n)): string =>
  JSON.stringify({ type: "input", n, input: { type: "text", text: letter } });
const control = (state: "open" | "yours" | "taken"): HostMessage => ({
  ...{ type: "control", state, reason: null, ends_in: null, by: null },
});
const tickets = () => told.flatMap((each) => (each.type === "channel" ? [each.ticket] : []));
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  [told, done, opened, offences, relay] = [[], [], [], 0, true];
  person = new SteeringPerson({
    tell: (message) => told.push(message),
    join: (tell) => {
      tellPerson = tell;
      tell(control("open"));
      return {
        ...{ take: () => tell(control("yours")), decline: () => {}, leave: () => {} },
        done: () => tell(control("open")),
        input: (input: Input) => done.push(input.type === "text" ? input.text : input.type) > 0,
      };
    },
    openChannel: async (events) => {
      if (!relay) return null;
      const channel = { ...events, ticket: `ticket${opened.length}`, closed: false };
      opened.push(channel);
      return {
        ticket: channel.ticket,
        close: () => {
          channel.closed = true;
        },
      };
    },
    onOffence: () => offences++,
  });
  return () => {
    person.leave();
    vi.useRealTimers();
  };
});

async function takeOver(): Promise<void> {
  person.said('{"type":"take"}');
  person.said('{"type":"channel"}');
  await settle();
}

describe("input", () => {
  it("by both ways is done once and in order, and the player is told up to where", async () => {
    await takeOver();
    person.said(text(1));
    person.said(text(2));
    for (const n of [2, 3, 4]) opened[0]?.onText(text(n));
    for (const n of [3, 4, 5]) person.said(text(n));
    opened[0]?.onText(text(5));
    expect(done.join("")).toBe("abcde");
    await vi.advanceTimersByTimeAsync(100);
    expect(told.filter(({ type }) => type === "taken")).toEqual([{ type: "taken", n: 5 }]);
    expect(offences).toBe(0);
  });

  it("with one missing before it is an offence, by either way", async () => {
    await takeOver();
    person.said(text(2));
    expect([offences, done, opened[0]?.closed]).toEqual([1, [], true]);
  });

  it("by the channel is all that the channel takes; it counts for the rate as the socket's does", async () => {
    await takeOver();
    opened[0]?.onText('{"type":"done","note":""}');
    expect([offences, tellPerson !== undefined]).toEqual([1, true]);
    expect(told.at(-1)).not.toEqual(control("open"));
    await takeOver();
    for (let n = 1; n <= 300; n++) person.said(text(n, "x"));
    for (let n = 301; n <= 700; n++) opened[1]?.onText(text(n, "x"));
    expect(offences).toBe(2);
    expect(done.length).toBeLessThanOrEqual(500);
  });
});

describe("a ticket", () => {
  it("is given to who has control alone", async () => {
    person.said('{"type":"channel"}');
    await settle();
    expect([tickets(), opened.length]).toEqual([[null], 0]);
    await takeOver();
    expect(tickets()).toEqual([null, "ticket0"]);
  });

  it.each([
    ["control is given back", () => person.said('{"type":"done","note":""}')],
    ["somebody else has it", () => tellPerson(control("taken"))],
    ["the socket ends", () => person.leave()],
  ])("holds no more once %s, whatever still comes by it", async (_when, ends) => {
    await takeOver();
    opened[0]?.onText(text(1));
    ends();
    expect(opened[0]?.closed).toBe(true);
    opened[0]?.onText(text(2));
    expect([done, offences]).toEqual([["a"], 0]);
  });

  it("that comes when control is gone already is closed at once", async () => {
    person.said('{"type":"take"}');
    person.said('{"type":"channel"}');
    person.said('{"type":"done","note":""}');
    await settle();
    expect([opened[0]?.closed, tickets()]).toEqual([true, []]);
  });

  it("that another one replaces holds no more; without a relay, or once it has ended, the player is told so", async () => {
    await takeOver();
    await takeOver();
    expect(opened.map(({ closed }) => closed)).toEqual([true, false]);
    opened[0]?.onLost();
    opened[1]?.onLost();
    relay = false;
    await takeOver();
    expect(tickets()).toEqual(["ticket0", "ticket1", null, null]);
  });
});
