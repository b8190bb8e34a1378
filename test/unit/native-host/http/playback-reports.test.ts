// What players report is added up, each of them once, and what is no report changes nothing.
import { expect, it } from "vitest";
import { PlaybackReports } from "../../../../native-host/http/playback-reports.ts";

const event = (fields: Readonly<Record<string, string | number>>) =>
  `${Object.entries({ e: "t", v: 2, ...fields })
    .map(([key, value]) => `${key}=${value}`)
    .join(",")}\n`;

it("gives the latency of those who play, and the sums of all", () => {
  const reports = new PlaybackReports(() => 0);
  expect(reports.summary()).toBeNull();
  for (const [index, latency] of [900, 700, 5_000].entries()) {
    expect(reports.take(event({ sid: `"${index}"`, sta: "p", ltc: latency, bsa: "(1)", bsda: "(400)" }))).toBe(true);
  }
  reports.take(event({ sid: '"3"', sta: "a", ltc: 60_000 })); // paused: its latency is its own wish
  reports.take(event({ sid: '"0"', sta: "r", ltc: 900, bsa: "(3)", bsda: "(1000.4)", dfa: 7 }));
  expect(reports.summary()).toEqual({
    players: 4,
    rebuffering: 1,
    latency_ms: 700,
    latency_p95_ms: 5_000,
    rebuffers: 5,
    rebuffering_ms: 1_800,
    dropped_frames: 7,
  });
});

it("forgets who has ended or is silent, not what they have told", () => {
  let now = 0;
  const reports = new PlaybackReports(() => now);
  reports.take(event({ sid: '"a"', sta: "p", ltc: 800, bsa: "(2)", bsda: "(900)" }));
  reports.take(event({ sid: '"b"', sta: "p", ltc: 600 }));
  reports.take(event({ sid: '"b"', sta: "e" }));
  expect(reports.summary()).toMatchObject({ players: 1, latency_ms: 800 });
  now = 25_001;
  expect(reports.summary()).toMatchObject({ players: 0, latency_ms: null, rebuffers: 2, rebuffering_ms: 900 });
});

it("takes several events at once, and nothing else", () => {
  const reports = new PlaybackReports(() => 0);
  for (const text of [
    "",
    "{}",
    "sid",
    "sta=p",
    'sid="x",ltc="fast"',
    'sid="x",ltc=-5',
    'sid="x",bsda=(-1)',
    "\u0000",
  ]) {
    expect(reports.take(text), text).toBe(false);
  }
  expect(reports.summary()).toBeNull();
  const unread = `com.Example-key=1,${event({ sid: '"y"' })}`; // the library throws at capitals in a key
  const read = event({ sid: '"x"', sta: "s" }) + event({ sid: '"x"', sta: "p", ltc: 640 });
  expect(reports.take(unread + read)).toBe(true);
  expect(reports.summary()).toMatchObject({ players: 1, latency_ms: 640 });
});
