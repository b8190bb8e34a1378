// Numbers and texts as people read them.
import { describe, expect, it } from "vitest";
import {
  formatBitrate,
  formatCount,
  formatDuration,
  formatFrameRate,
  formatLatency,
  formatSeconds,
  formatSize,
  formatTime,
  UNKNOWN,
} from "../../../player/format.ts";
import { behindLabel, noticeOf, pageTitle } from "../../../player/wording.ts";

describe("numbers", () => {
  it("are a dash when they aren't known, never a zero", () => {
    for (const format of [formatBitrate, formatCount, formatDuration, formatFrameRate, formatLatency, formatSeconds]) {
      expect(format(null)).toBe(UNKNOWN);
      expect(format(Number.NaN)).toBe(UNKNOWN);
    }
    expect(formatSize(1280, null)).toBe(UNKNOWN);
    expect(formatTime(null)).toBe(UNKNOWN);
  });

  it("are short and keep their unit", () => {
    expect(formatDuration(7.9)).toBe("0:07");
    expect(formatDuration(754)).toBe("12:34");
    expect(formatDuration(3_723)).toBe("1:02:03");
    expect(formatLatency(839.6)).toBe("840 ms");
    expect(formatLatency(999.6)).toBe("1.0 s");
    expect(formatLatency(3_151)).toBe("3.2 s");
    expect(formatLatency(12_340)).toBe("12.3 s");
    expect(formatBitrate(849_600)).toBe("850 kbit/s");
    expect(formatBitrate(999_900)).toBe("1.0 Mbit/s");
    expect(formatBitrate(2_949_000)).toBe("2.9 Mbit/s");
    expect(formatFrameRate(30)).toBe("30 fps");
    expect(formatFrameRate(29.94)).toBe("29.9 fps");
    expect(formatSeconds(0.62)).toBe("0.6 s");
    expect(formatSize(1280, 720)).toBe("1280×720");
    expect(formatCount(12_345)).toBe("12,345");
  });
});

describe("wording", () => {
  const stream = { tab_title: "Report", started_at: "2026-01-01T12:00:00.000Z" } as never;
  const told = { phase: "live", since: 0, stream, ended_at: null, unsupported: false, undecodable: false } as const;

  it("titles the page with what is streamed and what the player is doing", () => {
    expect(pageTitle(told)).toBe("Report – live");
    expect(pageTitle({ ...told, stream: { tab_title: "Report", private: true } as never })).toBe("Private – live");
    expect(pageTitle({ phase: "ended", stream: null })).toBe("FlyBrowser Stream – ended");
  });

  it("says when the stream ended and how long it was", () => {
    const ended_at = Date.parse("2026-01-01T12:01:13.000Z");
    const notice = noticeOf({ ...told, phase: "ended", ended_at }, "en-GB");
    expect(notice?.title).toBe("The stream has ended");
    expect(notice?.text).toContain("after 1:13");
    expect(notice?.text).toContain(formatTime(ended_at, "en-GB"));
  });

  it("leaves a playing video alone", () => {
    expect(noticeOf(told)).toBeNull();
    expect(noticeOf({ ...told, phase: "finishing" })).toBeNull();
    expect(noticeOf({ ...told, phase: "reconnecting" })?.title).toBe("Reconnecting…");
    const crashed = { capture: "crashed" } as never;
    expect(noticeOf({ ...told, stream: crashed, phase: "reconnecting" })?.title).toBe("The page has crashed");
    expect(noticeOf({ ...told, unsupported: true })?.title).toBe("Your browser can't play this stream");
    const undecodable = {
      ...told,
      phase: "reconnecting",
      undecodable: true,
      stream: { codec: "h265" } as never,
    } as const;
    expect(noticeOf(undecodable)?.title).toBe("This browser has no decoder for H.265");
  });

  it("spells out how far behind live one is", () => {
    expect(behindLabel(0.4)).toBe("live");
    expect(behindLabel(1)).toBe("1 second behind live");
    expect(behindLabel(65)).toBe("1 minute 5 seconds behind live");
    expect(behindLabel(120)).toBe("2 minutes behind live");
  });
});
