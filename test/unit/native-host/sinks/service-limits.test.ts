// What Twitch, YouTube and Facebook take: what they don't is refused before anything is sent there.
import { expect, test } from "vitest";
import { createDestinations } from "../../../../native-host/sinks/registry.ts";
import { assertServiceTakes, serviceAdvice } from "../../../../native-host/sinks/service-limits.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";
import { say } from "../../../../protocol/sentence.ts";
import { OUTLINE, TOOLS } from "../../../fixtures/stream-outline.ts";

test.each([
  [{ destinations: [{ url: "twitch" }], codec: "h265" }, "Codec h265 to Twitch is not possible: it takes h264 only."],
  [{ destinations: [{ url: "rtmp://sfo.contribute.live-video.net/app" }], codec: "vp9" }, "Codec vp9 to Twitch"],
  [
    { destinations: [{ url: "twitch" }], quality: "local_high" },
    "Quality local_high to Twitch is not possible: it takes 6000 kbit/s of video at most.",
  ],
  [{ destinations: [{ url: "facebook" }], quality: "lossless" }, "it takes 9000 kbit/s of video at most"],
  [{ protocol: "rtmp", rtmp_url: "rtmps://a.rtmps.youtube.com/live2", codec: "vp9" }, "it takes h264, h265 only"],
])("%o is refused", (options, message) => {
  const make = () => createDestinations(parseStartStreamOptions(options), false, TOOLS);
  expect(make).toThrow(
    expect.objectContaining({ code: "unsupported_combination", message: expect.stringContaining(message) }),
  );
});

test("what works instead is said; what they take is taken, and whoever is none of them takes all", () => {
  expect(() => assertServiceTakes("live.twitch.tv", { ...OUTLINE, quality: "studio" })).toThrow(
    expect.objectContaining({ fix: "Use quality ultra_high." }),
  );
  assertServiceTakes("live.twitch.tv", { ...OUTLINE, quality: "ultra_high" });
  assertServiceTakes("a.rtmps.youtube.com", { ...OUTLINE, quality: "studio", codec: "h265" });
  for (const host of ["example.com", "nottwitch.tv", "twitch.tv.example.com"]) {
    assertServiceTakes(host, { ...OUTLINE, quality: "lossless", codec: "vp9" });
  }
});

test("a stream without sound is taken, and told that sound is wanted", () => {
  const silent = { ...OUTLINE, audio: false };
  expect(serviceAdvice("live.twitch.tv", silent).map((each) => say(each))).toEqual([
    "Twitch wants sound, and this stream has none",
  ]);
  expect(serviceAdvice("live.twitch.tv", OUTLINE)).toEqual([]);
  expect(serviceAdvice("example.com", silent)).toEqual([]);
});
