// Who can open the links of a stream over time: wider and narrower, refused, lost and back; ways that streams share.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { StreamSharing } from "../../../../native-host/sharing/stream-sharing.ts";
import { Ways } from "../../../../native-host/sharing/ways.ts";
import type { WatchPage } from "../../../../native-host/stream/sharing.ts";
import { Emitter } from "../../../../protocol/emitter.ts";
import type { Share } from "../../../../protocol/options.ts";
import { say, sentence } from "../../../../protocol/sentence.ts";

let did: string[];
let ways: Ways;
let refuses: Error | null;
let unreachable: boolean;
let pages: readonly WatchPage[];
const pagesChange = new Emitter();

beforeEach(() => {
  vi.useFakeTimers();
  [did, refuses, unreachable] = [[], null, false];
  pages = [];
  ways = waysOf({ FLYBROWSER_VIEW_ADDRESS: "127.0.0.2", FLYBROWSER_PUBLIC_URL: "https://tab.example/live" });
});
function waysOf(environment: NodeJS.ProcessEnv): Ways {
  return new Ways({
    environment,
    port: () => 4100,
    entrance: {
      openAddress: async (address) => {
        if (refuses) throw refuses;
        did.push(`open ${address}`);
      },
      closeAddress: async (address) => void did.push(`close ${address}`),
      openName: (base) => void did.push(`open ${base}`),
      closeName: (base) => void did.push(`close ${base}`),
    },
  });
}
afterEach(async () => {
  await ways.close();
  vi.useRealTimers();
});

function stream(share: Share, onWish: (share: Share) => void = () => {}): StreamSharing {
  return new StreamSharing({
    ...{ ways, stream_id: "one", share, path: () => "/s/one/token", onWish, pages: () => pages },
    onPagesChange: (listener) => pagesChange.on(listener),
    tryPage: async (url) => {
      did.push(`look at ${url}`);
      return unreachable ? sentence("share.page_status", { status: 404 }) : null;
    },
    tryLink: async ({ url }) => {
      did.push(`try ${url}`);
      return unreachable ? sentence("share.no_answer", { error: "ECONNREFUSED" }) : null;
    },
  });
}

test("this computer: nothing is opened, and it says so", async () => {
  const sharing = stream("this-computer");
  expect([sharing.settled, sharing.share]).toEqual([false, "this-computer"]);
  await sharing.begin(true);
  expect([sharing.settled, sharing.base, say(sharing.note)]).toEqual([
    ...[true, "http://127.0.0.1:4100", "This link opens on this computer only"],
  ]);
  expect(did).toEqual([]);
  expect([sharing.admits("this-computer"), sharing.admits("network"), sharing.admits("internet")]).toEqual([
    true,
    false,
    false,
  ]);
});

test("the network: opened, tried, then told; let go 5 s after the stream's end", async () => {
  const sharing = stream("network");
  await sharing.begin(true);
  expect(did).toEqual(["open 127.0.0.2", "try http://127.0.0.2:4100/s/one/token"]);
  expect([sharing.share, sharing.base]).toEqual(["network", "http://127.0.0.2:4100"]);
  expect(say(sharing.note)).toMatch(/^This link opens on the network of 127\.0\.0\.2\. .* port 4100/);
  expect([sharing.admits("network"), sharing.admits("internet")]).toEqual([true, false]);
  sharing.end();
  await vi.advanceTimersByTimeAsync(4_900);
  expect(did).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(200);
  expect(did.at(-1)).toBe("close 127.0.0.2");
});

test("two streams share a way, which closes after the last", async () => {
  const [one, two] = [stream("network"), stream("network")];
  await Promise.all([one.begin(true), two.begin(true)]);
  await one.set("this-computer");
  await vi.advanceTimersByTimeAsync(1);
  expect(did.filter((each) => !each.startsWith("try"))).toEqual(["open 127.0.0.2"]);
  await two.set("this-computer");
  await vi.advanceTimersByTimeAsync(1);
  expect(did.at(-1)).toBe("close 127.0.0.2");
});

test("changed while live: the new way counts once it was tried, the old one goes", async () => {
  const wishes: Share[] = [];
  const sharing = stream("network", (share) => wishes.push(share));
  await sharing.begin(true);
  did.length = 0;
  await sharing.set("internet");
  await vi.advanceTimersByTimeAsync(1);
  expect([sharing.share, sharing.base]).toEqual(["internet", "https://tab.example/live"]);
  expect(say(sharing.note)).toBe("Anybody with the link can watch, by tab.example");
  expect(did).toEqual([
    ...["open 127.0.0.2", "open https://tab.example/live", "try https://tab.example/live/s/one/token"],
    "close 127.0.0.2",
  ]);
  expect(wishes).toEqual(["internet"]);
});

test("a link that leads nowhere is an error, and the stream is shared as before", async () => {
  const sharing = stream("network");
  await sharing.begin(true);
  unreachable = true;
  await expect(sharing.set("internet")).rejects.toMatchObject({
    code: "share_unavailable",
    message:
      "The stream can't be shared with the internet: https://tab.example/live was tried, and there was no answer (ECONNREFUSED).",
    fix: expect.stringMatching(
      /^See that https:\/\/tab\.example\/live is passed on to http:\/\/127\.0\.0\.1:4100, with the Host/,
    ),
  });
  expect([sharing.share, sharing.base, sharing.admits("internet")]).toEqual([
    "network",
    "http://127.0.0.2:4100",
    false,
  ]);
});

test("what can't be opened at a start is its failure; nothing else is opened instead", async () => {
  refuses = new Error("listen EADDRINUSE");
  const sharing = stream("network");
  await sharing.begin(true);
  expect(sharing.settled).toBe(true);
  expect(sharing.failure).toMatchObject({
    code: "share_unavailable",
    message:
      "The stream can't be shared with the network: nothing can listen on 127.0.0.2, port 4100 (listen EADDRINUSE).",
  });
  expect([sharing.share, did]).toEqual(["this-computer", []]);
});

test("in a new host it is tried again until it works, and said meanwhile", async () => {
  refuses = new Error("no such address");
  const sharing = stream("network");
  await sharing.begin(false);
  expect([sharing.failure, sharing.share]).toEqual([null, "this-computer"]);
  expect(say(sharing.trouble ?? "")).toBe(
    "it is not shared with the network now: nothing can listen on 127.0.0.2, port 4100 (no such address)",
  );
  refuses = null;
  await vi.advanceTimersByTimeAsync(2_100);
  expect([sharing.share, sharing.trouble]).toEqual(["network", null]);
});

describe("a destination that has a page of its own", () => {
  const page = (state: WatchPage["state"], error: string | null = null): WatchPage => ({
    ...{ destination_id: "d1", name: "Twitch", watch_url: "https://twitch.example/ada", state, error },
  });
  const become = (...next: WatchPage[]) => {
    pages = next;
    pagesChange.emit();
  };
  beforeEach(() => {
    ways = waysOf({ PATH: "/nowhere" }); // no tunnel program, no server
  });

  test("is the way to watch once it has the stream and its page answers; nobody comes to this computer by it", async () => {
    pages = [page("connecting")];
    const sharing = stream("internet");
    const begun = sharing.begin(true);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([sharing.settled, did]).toEqual([false, []]);
    become(page("live"));
    await vi.advanceTimersByTimeAsync(500);
    await begun;
    expect(did).toEqual(["look at https://twitch.example/ada"]);
    expect([sharing.share, sharing.page, sharing.base]).toEqual([
      ...["internet", "https://twitch.example/ada", "http://127.0.0.1:4100"],
    ]);
    expect(say(sharing.note)).toBe("Anybody can watch this at Twitch; all other links open on this computer only");
    expect([sharing.admits("this-computer"), sharing.admits("network"), sharing.admits("internet")]).toEqual([
      ...[true, false, false],
    ]);
  });

  test("that doesn't get the stream in time, refuses it, or whose page isn't there is an error that says so", async () => {
    pages = [page("retrying", "nothing is listening")];
    const failure = async (within: number) => {
      const sharing = stream("internet");
      const begun = sharing.begin(true);
      await vi.advanceTimersByTimeAsync(within);
      await begun;
      return sharing.failure?.message;
    };
    expect(await failure(15_100)).toBe(
      "The stream can't be shared with the internet: Twitch: https://twitch.example/ada was tried, and nothing is listening.",
    );
    pages = [page("failed", "it refused the key")];
    expect(await failure(0)).toContain("it refused the key");
    [pages, unreachable] = [[page("live")], true];
    expect(await failure(15_100)).toContain("it answered with status 404");
  });

  test("that is lost for ten seconds, or taken away, is no way any more; it is tried again", async () => {
    pages = [page("live")];
    const sharing = stream("internet");
    await sharing.begin(true);
    become(page("retrying", "it was lost"));
    await vi.advanceTimersByTimeAsync(9_900);
    become(page("live"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect([sharing.share, sharing.trouble]).toEqual(["internet", null]);
    become(page("retrying", "it was lost"));
    await vi.advanceTimersByTimeAsync(10_100);
    expect([sharing.share, sharing.page, say(sharing.trouble ?? "")]).toEqual([
      ...["this-computer", null, "it is not shared with the internet now: Twitch: it was lost"],
    ]);
    become(page("live"));
    await vi.advanceTimersByTimeAsync(3_000);
    expect([sharing.share, sharing.page]).toEqual(["internet", "https://twitch.example/ada"]);
    become();
    expect(say(sharing.trouble ?? "")).toContain("Twitch: the stream isn't sent there any more");
  });

  test("that ends with its stream is no loss", async () => {
    pages = [page("live")];
    const sharing = stream("internet");
    await sharing.begin(true);
    sharing.end();
    become(page("ended"));
    expect([sharing.share, sharing.page, sharing.trouble]).toEqual(["internet", "https://twitch.example/ada", null]);
    await vi.advanceTimersByTimeAsync(5_100);
    expect([sharing.share, sharing.page]).toEqual(["this-computer", null]);
  });

  test("gives way to the user's own server", async () => {
    pages = [page("live")];
    ways = waysOf({ FLYBROWSER_PUBLIC_URL: "https://tab.example/live" });
    const sharing = stream("internet");
    await sharing.begin(true);
    expect([sharing.page, sharing.base]).toEqual([null, "https://tab.example/live"]);
  });
});
