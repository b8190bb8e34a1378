import { beforeEach, describe, expect, it } from "vitest";
import { PairingPrompts } from "../../../../extension/background/pairing-prompts.ts";
import type { PairingRequest } from "../../../../protocol/page-messages.ts";

const request = (origin: string, only_once: PairingRequest["only_once"] = null): PairingRequest => ({
  origin,
  purpose: "",
  only_once,
});

let now = 0;
let open: string[];
let closed: number[];
let prompts: PairingPrompts;
let gone: AbortController;

beforeEach(() => {
  now = 0;
  open = [];
  closed = [];
  gone = new AbortController();
  prompts = new PairingPrompts({
    open: async (request_id) => open.push(request_id),
    close: async (window_id) => void closed.push(window_id),
    now: () => now,
  });
});

const ask = (origin = "https://a.example", only_once: PairingRequest["only_once"] = null) =>
  prompts.ask(request(origin, only_once), null, gone.signal);
const last = () => open.at(-1) ?? "";

describe("the prompts", () => {
  it("give the user's answer, and close their window", async () => {
    const asking = ask();
    expect(prompts.describe(last())).toEqual(request("https://a.example"));
    prompts.answer(last(), "always");
    expect(await asking).toBe("always");
    expect(closed).toEqual([1]);
    expect(() => prompts.answer(last(), "always")).toThrowError();
  });

  it("take a closed window, and a page that has gone, as no", async () => {
    const first = ask();
    await Promise.resolve();
    prompts.windowClosed(99);
    prompts.windowClosed(1);
    expect(await first).toBe("dismissed");
    const second = ask();
    gone.abort();
    expect(await second).toBe("dismissed");
    expect(closed).toEqual([1, 2]);
  });

  it("don't take an answer that wasn't offered", async () => {
    const asking = ask("http://a.example", "not_secure");
    expect(() => prompts.answer(last(), "always")).toThrowError(/Allowed: once, never/);
    prompts.answer(last(), "once");
    expect(await asking).toBe("once");
  });

  it("are one at a time for a site, and three for all", async () => {
    const asking = [ask("https://a.example"), ask("https://b.example"), ask("https://c.example")];
    await expect(ask("https://a.example")).rejects.toMatchObject({ code: "rate_limited" });
    await expect(ask("https://d.example")).rejects.toMatchObject({ code: "rate_limited" });
    gone.abort();
    expect(await Promise.all(asking)).toEqual(["dismissed", "dismissed", "dismissed"]);
  });

  it("are three a minute for a site", async () => {
    for (let round = 0; round < 3; round++) {
      const asking = ask();
      prompts.answer(last(), "once");
      await asking;
    }
    await expect(ask()).rejects.toMatchObject({ code: "rate_limited", details: { seconds: 20 } });
    now = 20_000;
    const asking = ask();
    prompts.answer(last(), "never");
    expect(await asking).toBe("never");
    expect(open).toHaveLength(4);
  });
});
