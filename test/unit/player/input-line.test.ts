// The two ways of input: which one is taken, and that what one of them may have lost goes by the other.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { InputLine } from "../../../player/input-line.ts";
import { INPUT_ACCEPTED, type Input, type InputMessage } from "../../../protocol/control-messages.ts";

const input = (text: string): Input => ({ type: "text", text });

/** A data channel whose other end is this test. */
class Channel extends EventTarget {
  readyState: RTCDataChannelState = "open";
  bufferedAmount = 0;
  readonly sent: string[] = [];
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = "closed";
  }
  says(data: string): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
  ends(): void {
    this.close();
    this.dispatchEvent(new Event("close"));
  }
  get texts(): string[] {
    return this.sent.slice(1).map((text) => textOf(JSON.parse(text)));
  }
}

const textOf = ({ n, input }: InputMessage) => `${n}${input.type === "text" ? input.text : ""}`;

let bySocket: (InputMessage | { type: "channel" })[];
let channel: Channel | null;
let ready: boolean;
let line: InputLine;

beforeEach(() => {
  vi.useFakeTimers();
  [bySocket, channel, ready] = [[], new Channel(), true];
  line = new InputLine({
    send: (message) => bySocket.push(message),
    ready: () => ready,
    channel: () => channel as unknown as RTCDataChannel | null,
  });
  return () => {
    line.reset();
    vi.useRealTimers();
  };
});

const texts = () => bySocket.flatMap((each) => (each.type === "input" ? [textOf(each)] : []));
const asked = () => bySocket.filter(({ type }) => type === "channel").length;

/** Has the channel taken, with what was sent until then under way or not. */
function accept(): void {
  line.ticket("ticket");
  channel?.says(INPUT_ACCEPTED);
}

describe("the way of input", () => {
  it("is the socket without a channel, and asks for no ticket", () => {
    channel = null;
    line.send(input("a"));
    line.send(input("b"));
    expect([texts(), asked()]).toEqual([["1a", "2b"], 0]);
  });

  it("is the channel once its ticket is accepted; what the host may not have goes there again", () => {
    line.send(input("a"));
    line.send(input("b"));
    expect(asked()).toBe(1);
    line.taken(1);
    line.ticket("ticket");
    line.send(input("c"));
    expect([channel?.sent, texts()]).toEqual([["ticket"], ["1a", "2b", "3c"]]);
    channel?.says(INPUT_ACCEPTED);
    line.send(input("d"));
    expect([channel?.texts, texts()]).toEqual([
      ["2b", "3c", "4d"],
      ["1a", "2b", "3c"],
    ]);
  });

  it.each([
    ["the channel closes", () => channel?.ends()],
    ["the host takes the ticket back", () => line.ticket(null)],
    ["nothing that goes by it comes", () => vi.advanceTimersByTime(2_000)],
    [
      "its connection was closed here",
      () => {
        channel?.close();
        vi.advanceTimersByTime(200);
      },
    ],
  ])("is the socket again where %s: nothing is lost", (_what, happens) => {
    line.send(input("a"));
    line.taken(1);
    accept();
    line.send(input("b"));
    line.send(input("c"));
    expect(texts()).toEqual(["1a"]);
    happens();
    expect(texts()).toEqual(["1a", "2b", "3c"]);
    line.send(input("d"));
    expect(texts()).toEqual(["1a", "2b", "3c", "4d"]);
  });

  it("stays the channel for as long as the host tells that it comes", () => {
    line.send(input("a"));
    accept();
    for (let n = 2; n < 20; n++) {
      line.taken(n - 1);
      line.send(input("b"));
      vi.advanceTimersByTime(500);
    }
    line.taken(19);
    vi.advanceTimersByTime(10_000);
    line.send(input("c"));
    expect(texts()).toEqual(["1a"]);
  });

  it("asks again only after a while", () => {
    line.send(input("a"));
    line.ticket(null);
    line.send(input("b"));
    expect(asked()).toBe(1);
    vi.advanceTimersByTime(6_000);
    line.send(input("c"));
    expect(asked()).toBe(2);
  });

  it("begins anew with the next socket: the channel's ticket was the last one's", () => {
    line.send(input("a"));
    accept();
    line.reset();
    expect(channel?.readyState).toBe("closed");
    channel = new Channel();
    line.send(input("b"));
    expect(texts()).toEqual(["1a", "1b"]);
    expect(asked()).toBe(2);
  });

  it("takes nothing while the socket takes nothing, or so much is under way; what it takes has no gaps", () => {
    ready = false;
    line.send(input("a"));
    ready = true;
    for (let count = 0; count < 400; count++) line.send(input("b"));
    expect(texts().length).toBe(256);
    line.taken(256);
    line.send(input("c"));
    expect([texts()[0], texts().at(-1)]).toEqual(["1b", "257c"]);
  });
});
