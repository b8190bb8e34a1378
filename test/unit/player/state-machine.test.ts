// The player's word for what it does: truthful in each situation, from facts alone.
import { describe, expect, it } from "vitest";
import {
  FIRST_FRAME_TIMEOUT,
  GRACE,
  initialState,
  isStarved,
  LOST,
  NEAR,
  type PlaybackEvent,
  type PlaybackState,
  phaseOf,
  reduce,
  STALL,
  shouldSeekToLive,
} from "../../../player/state-machine.ts";

const T = 1_000_000;

function given(events: readonly PlaybackEvent[], from: PlaybackState = initialState(T)): PlaybackState {
  return events.reduce(reduce, from);
}

const live: PlaybackEvent = { type: "server", server: "live", ended_at: null, now: T };
const picture = (now: number, behind = 1): PlaybackEvent => ({
  type: "sample",
  advanced: true,
  behind,
  target: 1,
  now,
});
const standstill = (now: number, behind = 1): PlaybackEvent => ({
  type: "sample",
  advanced: false,
  behind,
  target: 1,
  now,
});
const unreachable: PlaybackEvent = { type: "unreachable", now: T };
const stopped: PlaybackEvent = { type: "server", server: "stopped", ended_at: T - 500, now: T };

describe("phaseOf", () => {
  it("connects until the first picture, and says reconnecting when none comes", () => {
    const state = given([live]);
    expect(phaseOf(state, T)).toBe("connecting");
    expect(phaseOf(state, T + FIRST_FRAME_TIMEOUT - 1)).toBe("connecting");
    expect(phaseOf(state, T + FIRST_FRAME_TIMEOUT)).toBe("reconnecting");
  });

  it("says reconnecting at once when the host doesn't answer and no picture was there", () => {
    expect(phaseOf(given([unreachable]), T)).toBe("reconnecting");
  });

  it("says that the host is off when it has been silent for a minute, and goes on when it is back", () => {
    const silent = given([live, picture(T), unreachable, { ...unreachable, now: T + 30_000 }]);
    expect(phaseOf(silent, T + LOST)).toBe("reconnecting");
    expect(phaseOf(silent, T + LOST + 1)).toBe("lost");
    expect(phaseOf(given([picture(T + LOST)], silent), T + LOST + 1)).toBe("live"); // by WebRTC it may go on without the host
    expect(phaseOf(given([live], silent), T + LOST + 1)).toBe("reconnecting");
  });

  it("is live only while pictures advance", () => {
    const state = given([live, picture(T)]);
    expect(phaseOf(state, T + STALL - 1)).toBe("live");
    expect(phaseOf(state, T + STALL)).toBe("reconnecting");
    expect(phaseOf(given([standstill(T + STALL)], state), T + STALL)).toBe("reconnecting");
    expect(phaseOf(given([picture(T + STALL)], state), T + STALL)).toBe("live");
  });

  it("is not live without a picture, whatever the host says", () => {
    expect(phaseOf(given([live, standstill(T)]), T)).toBe("connecting");
  });

  it("stays live while pictures advance although the host doesn't answer", () => {
    expect(phaseOf(given([live, picture(T), unreachable]), T)).toBe("live");
  });

  it("is live only near the edge, as near as the target demands", () => {
    expect(phaseOf(given([live, picture(T, 1 + NEAR)]), T)).toBe("live");
    expect(phaseOf(given([live, picture(T, 1.1 + NEAR)]), T)).toBe("rewound");
    const far = given([live, { type: "sample", advanced: true, behind: 8, target: 4, now: T }]);
    expect(phaseOf(far, T)).toBe("live");
  });

  it("is paused while held, and not after resuming", () => {
    const held = given([live, picture(T), { type: "pause" }]);
    expect(phaseOf(held, T + 60_000)).toBe("paused");
    expect(phaseOf(given([{ type: "resume", now: T + 60_000 }], held), T + 60_000)).toBe("live");
  });

  it("is patient after a seek, for a while, and only while the host is there", () => {
    const sought = given([live, picture(T), { type: "seek", behind: 30, now: T + STALL }]);
    expect(phaseOf(sought, T + STALL)).toBe("rewound");
    expect(phaseOf(sought, T + STALL + GRACE)).toBe("reconnecting");
    expect(phaseOf(given([unreachable], sought), T + STALL)).toBe("reconnecting");
  });

  it("plays the rest out after the end, then says ended", () => {
    const over = given([live, picture(T), stopped]);
    expect(phaseOf(over, T)).toBe("finishing");
    expect(phaseOf(over, T + STALL)).toBe("ended");
    expect(phaseOf(given([{ type: "media_ended", ended: true }], over), T)).toBe("ended");
  });

  it("says ended at once when a stream was over before its first picture, or doesn't exist", () => {
    expect(phaseOf(given([stopped]), T)).toBe("ended");
    expect(phaseOf(given([{ type: "server", server: "gone", ended_at: null, now: T }]), T)).toBe("ended");
    expect(phaseOf(given([live, { type: "server", server: "failed", ended_at: null, now: T }]), T)).toBe("ended");
  });

  it("lets a viewer who paused look at the picture after the end, and rewind into the rest", () => {
    const held = given([live, picture(T), { type: "pause" }, stopped]);
    expect(phaseOf(held, T + 60_000)).toBe("paused");
    const over = given([live, picture(T), stopped, { type: "media_ended", ended: true }]);
    const again = given([{ type: "seek", behind: 20, now: T + 9_000 }, picture(T + 9_000, 20)], over);
    expect(phaseOf(again, T + 9_000)).toBe("finishing");
  });
});

describe("reduce", () => {
  it("keeps the end and its time: nothing brings an ended stream back", () => {
    const over = given([
      live,
      stopped,
      { ...live, now: T + 5 },
      { type: "server", server: "gone", ended_at: null, now: T + 9 },
    ]);
    expect(over.server).toBe("stopped");
    expect(over.ended_at).toBe(T - 500);
  });

  it("takes the moment it noticed when the host gives no time of the end", () => {
    expect(given([{ type: "server", server: "gone", ended_at: null, now: T + 7 }]).ended_at).toBe(T + 7);
  });

  it("notices that the host is back by any word of it", () => {
    expect(given([unreachable, live]).reachable).toBe(true);
    expect(given([stopped, unreachable, live]).reachable).toBe(true);
  });

  it("follows the edge again after a short pause, not after a long one", () => {
    const held = given([live, picture(T), { type: "pause" }]);
    expect(held.following).toBe(false);
    const soon = given([standstill(T + 1_000, 2), { type: "resume", now: T + 1_000 }], held);
    expect(soon.following).toBe(true);
    const late = given([standstill(T + 20_000, 21), { type: "resume", now: T + 20_000 }], held);
    expect(late.following).toBe(false);
  });

  it("follows by the place that was sought", () => {
    expect(given([live, picture(T), { type: "seek", behind: 20, now: T }]).following).toBe(false);
    expect(given([live, picture(T, 30), { type: "seek", behind: 1.5, now: T }]).following).toBe(true);
    expect(given([live, { type: "seek", behind: 20, now: T }, { type: "go_live", now: T }]).following).toBe(true);
  });

  it("gives the same state when nothing changed", () => {
    const state = given([unreachable]);
    expect(reduce(state, unreachable)).toBe(state);
    expect(reduce(state, { type: "media_ended", ended: false })).toBe(state);
  });
});

describe("shouldSeekToLive", () => {
  it("brings back who fell behind, never who wanted it", () => {
    const behind = given([live, picture(T, 1.1 + NEAR)]);
    expect(shouldSeekToLive(behind)).toBe(true);
    expect(shouldSeekToLive(given([picture(T, 1 + NEAR)], behind))).toBe(false);
    expect(shouldSeekToLive(given([{ type: "seek", behind: 30, now: T }], behind))).toBe(false);
    expect(shouldSeekToLive(given([{ type: "pause" }], behind))).toBe(false);
    expect(shouldSeekToLive(given([stopped], behind))).toBe(false);
  });
});

describe("the speed that the viewer chooses", () => {
  const speed = (value: number): PlaybackEvent => ({ type: "speed", speed: value });
  const rewound = given([live, picture(T), { type: "seek", behind: 20, now: T }]);

  it("holds behind live; who is faster arrives there, at normal speed again", () => {
    const faster = given([speed(2)], rewound);
    expect(faster).toMatchObject({ speed: 2, following: false });
    expect(given([picture(T, 1.1)], faster)).toMatchObject({ speed: 2, following: false });
    expect(given([picture(T, 1)], faster)).toMatchObject({ speed: 1, following: true });
  });

  it("can only be slower at the live edge, and leaves it then", () => {
    const state = given([live, picture(T)]);
    expect(given([speed(1.5)], state)).toMatchObject({ speed: 1, following: true });
    expect(given([speed(0.5)], state)).toMatchObject({ speed: 0.5, following: false });
    expect(given([speed(0.5), { type: "go_live", now: T }], state)).toMatchObject({ speed: 1, following: true });
  });
});

describe("isStarved", () => {
  const playing = given([live, picture(T)]);

  it("is whoever has nothing to show, or next to nothing while the picture stands", () => {
    expect(isStarved(playing, false, 0, T + 100)).toBe(true);
    expect(isStarved(playing, true, 0, T + 100)).toBe(true); // the sound is there, a late picture too
    expect(isStarved(playing, false, 0.29, T + 100)).toBe(true);
    expect(isStarved(playing, true, 0.29, T + 100)).toBe(false);
    expect(isStarved(playing, false, 0.31, T + 100)).toBe(false);
  });

  it("is nobody who has just gone elsewhere: there is nothing yet, on any line", () => {
    const moved: PlaybackEvent[] = [
      { type: "seek", behind: 20, now: T },
      { type: "go_live", now: T },
      { type: "resume", now: T },
    ];
    for (const event of moved) {
      expect(isStarved(reduce(playing, event), false, 0, T + GRACE - 1), event.type).toBe(false);
      expect(isStarved(reduce(playing, event), false, 0, T + GRACE), event.type).toBe(true);
    }
  });

  it("is nobody before the first picture, while paused, after the end, or while the host is away", () => {
    for (const events of [
      [live],
      [live, picture(T), { type: "pause" }],
      [live, picture(T), stopped],
      [live, picture(T), unreachable],
    ])
      expect(isStarved(given(events as PlaybackEvent[]), false, 0, T + 10_000)).toBe(false);
  });
});
