// Who counts as a viewer: pages while they are open, others as long as they come back as they use to.
import { beforeEach, describe, expect, it } from "vitest";
import { personOf, Viewers } from "../../../../native-host/http/viewers.ts";

let now = 0;
let viewers: Viewers;
beforeEach(() => {
  now = 1_000;
  viewers = new Viewers({ patience: 2_200, now: () => now });
});

/** Fetches something each `interval` ms, `times` times, answered within 20 ms; gives the counts seen just before each. */
function poll(client: string, interval: number, times: number): number[] {
  const seen: number[] = [];
  for (let time = 0; time < times; time++) {
    const left = viewers.visit(client);
    now += 20;
    left();
    now += interval - 20;
    seen.push(count());
  }
  return seen;
}

const count = (webrtc: readonly string[] = []) => {
  const { hls, dash, webrtc: connected, unknown } = viewers.count(webrtc);
  return hls + dash + connected + unknown;
};

describe("Viewers", () => {
  it("counts a reader while it is being answered, however long that takes", () => {
    const left = viewers.visit("vlc");
    now += 60_000;
    expect(count()).toBe(1);
    left();
    left();
    expect(count()).toBe(1);
    now += 2_300;
    expect(count()).toBe(0);
  });

  it.each([1_000, 2_000])(
    "never loses a reader that comes each %i ms, and tells within 3 s that it is gone",
    (interval) => {
      expect(poll("vlc", interval, 30)).toEqual(Array(30).fill(1));
      now += 3_000 - interval;
      expect(count()).toBe(0);
    },
  );

  it("is soon sure of a reader that is always connected", () => {
    for (let part = 0; part < 100; part++) {
      const left = viewers.visit("hls.js");
      now += 200;
      left();
      expect(count()).toBe(1);
    }
    now += 1_600;
    expect(count()).toBe(0);
  });

  it("learns how long a reader pauses that fetches much at a time", () => {
    const seen = poll("slow", 6_000, 10);
    expect(seen.slice(0, 1)).toEqual([0]);
    expect(seen.slice(1)).toEqual(Array(9).fill(1));
    now += 10_000;
    expect(count()).toBe(0);
  });
});

const NOBODY = { hls: 0, dash: 0, webrtc: 0, live: 0, unknown: 0 };

it("each viewer counts once, by the protocol of its last file", () => {
  let now = 0;
  const viewers = new Viewers({ patience: 2_200, now: () => now });
  viewers.visit("vlc", "hls")();
  viewers.visit("mpv", "dash")();
  viewers.visit("mpv")(); // an init segment tells nothing
  viewers.visit("curl")();
  const leave = viewers.join("page");
  expect(viewers.count([])).toEqual({ ...NOBODY, hls: 1, dash: 1, webrtc: 0, unknown: 2 });
  viewers.visit("page", "hls")();
  expect(viewers.count(["phone"])).toEqual({ ...NOBODY, hls: 2, dash: 1, webrtc: 1, unknown: 1 });
  expect(viewers.count(["page", "page"])).toEqual({ ...NOBODY, hls: 1, dash: 1, webrtc: 1, unknown: 1 });
  leave();
  now = 10_001;
  expect(viewers.count([])).toEqual(NOBODY);
});

describe("people, not sockets", () => {
  const viewer = () => new Viewers({ patience: 2_200, now: () => 0 });

  it("two windows of one browser are one viewer, also where one of them watches by WebRTC", () => {
    const viewers = viewer();
    const [mine] = [personOf("house", "name-of-mine")];
    const leave = viewers.join(mine);
    viewers.join(mine);
    viewers.visit("house", "hls")();
    expect(viewers.count([])).toEqual({ ...NOBODY, hls: 1 });
    expect(viewers.count([mine, mine])).toEqual({ ...NOBODY, webrtc: 1 });
    expect(viewers.count([], [mine, mine])).toEqual({ ...NOBODY, live: 1 });
    expect(viewers.count([mine], [mine])).toEqual({ ...NOBODY, webrtc: 1 });
    leave();
    expect(viewers.count([])).toMatchObject({ unknown: 1 }); // the other window
  });

  it("two people behind one address are two, with the same browser too", () => {
    const viewers = viewer();
    viewers.join(personOf("house", "name-of-mine"));
    viewers.join(personOf("house", "name-of-yours"));
    viewers.visit("house", "hls")();
    expect(viewers.count([])).toEqual({ ...NOBODY, hls: 2 });
    expect(viewers.count([personOf("house", "name-of-mine")])).toEqual({ ...NOBODY, hls: 1, webrtc: 1 });
  });

  it("who says no name, or one that is none, is its client, however many sockets it has", () => {
    const viewers = viewer();
    for (let socket = 0; socket < 200; socket++) viewers.join(personOf("flood", socket % 2 ? undefined : "x\ny"));
    expect(viewers.count(["flood", "flood"])).toEqual({ ...NOBODY, webrtc: 1 });
    expect(viewers.count([])).toEqual({ ...NOBODY, unknown: 1 });
  });
});
