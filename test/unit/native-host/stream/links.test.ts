// The links of a publication: found by their tokens alone, gone when they expire or are revoked, the same in the next host.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Links } from "../../../../native-host/stream/links.ts";
import { MAX_LINKS, parseLinkOptions } from "../../../../protocol/links.ts";
import type { StreamIdentity } from "../../../../protocol/native-messages.ts";

const TOKEN = "first-token-of-the-tests";
const IDENTITY: StreamIdentity = {
  ...{ stream_id: "one", view_token: TOKEN, started_at: 0, zero: 0, published_at: 0, generation: 0 },
};
const FACTS = { base: "http://127.0.0.1:1", viewers: () => 2 };
/** The stream's clock, and an hour by which the wall clock is ahead of it. */
const clock = {
  get now() {
    return Date.now();
  },
  wall: (at: number) => at + 3_600_000,
};

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const tokenOf = (url = "") => url.split("/").at(-2) ?? "";

test("the first one is there from the start; others are made, each with a token of its own", () => {
  const links = new Links(IDENTITY, clock);
  expect(links.path).toBe(`/s/one/${TOKEN}`);
  const link_id = links.create(parseLinkOptions({ name: "Ada", allow: "control" }));
  const [first, second] = links.statuses(FACTS);
  expect(first).toMatchObject({ name: null, allow: "view", expires_at: null, viewers: 2 });
  expect(first?.player_url).toBe(`http://127.0.0.1:1/s/one/${TOKEN}/player`);
  expect(second).toMatchObject({ link_id, name: "Ada", allow: "control" });
  expect(Buffer.from(tokenOf(second?.player_url), "base64url").length * 8).toBeGreaterThanOrEqual(128);
  expect(links.find(tokenOf(second?.player_url))).toBe(link_id);
  expect([links.find(TOKEN), links.find(`${TOKEN}x`), links.find("")]).toEqual([first?.link_id, null, null]);
  expect(link_id).not.toContain(tokenOf(second?.player_url));
});

test("an expired one opens nothing, and is told of; its time is that of the stream's clock", () => {
  const links = new Links(IDENTITY, clock);
  const ended: string[] = [];
  links.onEnd((link_id) => ended.push(link_id));
  const link_id = links.create(parseLinkOptions({ expires_in: 60 }));
  const [, link] = links.statuses(FACTS);
  expect(link?.expires_at).toBe(new Date(1_060_000 + 3_600_000).toISOString());
  vi.advanceTimersByTime(59_900);
  expect(links.find(tokenOf(link?.player_url))).toBe(link_id);
  vi.advanceTimersByTime(200);
  expect([links.find(tokenOf(link?.player_url)), ended]).toEqual([null, [link_id]]);
  expect(links.statuses(FACTS)).toHaveLength(1);
});

test("a revoked one opens nothing; without any there is no path", () => {
  const links = new Links(IDENTITY, clock);
  const [first] = links.statuses(FACTS);
  links.revoke(first?.link_id ?? "");
  expect([links.find(TOKEN), links.path]).toEqual([null, null]);
  expect(() => links.revoke(first?.link_id ?? "")).toThrow(`There is no link ${first?.link_id}.`);
});

test("the next host has the same ones, but for those that have expired meanwhile", () => {
  const links = new Links(IDENTITY, clock);
  links.create(parseLinkOptions({ name: "short", expires_in: 1 }));
  links.create(parseLinkOptions({ name: "long", expires_in: 100 }));
  const { stored } = links;
  const [before] = links.statuses(FACTS);
  vi.setSystemTime(1_002_000);
  const next = new Links({ ...IDENTITY, links: stored }, clock);
  expect(next.statuses(FACTS).map(({ name }) => name)).toEqual([null, "long"]);
  expect(next.statuses(FACTS)[0]).toEqual(before);
  expect(new Links({ ...IDENTITY, links: [] }, clock).find(TOKEN)).toBeNull();
});

test("there are so many and no more", () => {
  const links = new Links(IDENTITY, clock);
  for (let made = 1; made < MAX_LINKS; made++) links.create(parseLinkOptions());
  expect(() => links.create(parseLinkOptions())).toThrow(`The stream has ${MAX_LINKS} links already.`);
});

test.each([
  [{ expires_in: 0 }, "Option expires_in: 0 is not allowed. Allowed: a number of seconds above 0, up to 2000000."],
  [{ name: "" }, 'Option name: "" is not allowed. Allowed: a string of 1 to 80 characters.'],
  [{ allow: "all" }, 'Option allow: "all" is not allowed. Allowed: view, control.'],
  [{ expires: 1 }, "Unknown option expires. Known options: name, expires_in, allow."],
  [7, "Option options: 7 is not allowed. Allowed: an object."],
])("%o is refused", (options, message) => expect(() => parseLinkOptions(options)).toThrow(message));
