// The ladder through a real host: rungs are listed and cost nothing until somebody reads one, which is then made of the source,
// frame by frame and cut at the same places.
import { afterEach, expect, test } from "vitest";
import { paced } from "../fixtures/pace.ts";
import { HostProcess } from "./harness/host-process.ts";
import { ffmpegsOf, until } from "./harness/processes.ts";
import { Publisher, type PublisherOptions } from "./harness/publisher.ts";
import { Variants } from "./harness/variants.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function publish(options: PublisherOptions): Promise<{ host: HostProcess; variants: Variants; hls: string }> {
  const host = new HostProcess();
  closers.push(() => host.close());
  await host.hello();
  const publisher = await Publisher.open(host, options);
  closers.push(() => publisher.abandon());
  const { hls_url } = await publisher.playable();
  return { host, hls: hls_url as string, variants: new Variants(hls_url as string) };
}

test("rungs are listed, made once they are read, and have the source's frames, numbers and dates", {
  timeout: paced(120_000),
}, async () => {
  const { host, hls, variants } = await publish({
    media: { width: 960, height: 720, bitrate: 1_500_000, uneven: true },
  });
  const listed = await variants.listed();
  expect([...listed.keys()]).toEqual(["video", "rung1", "rung2"]);
  expect([...listed.values()].map(({ RESOLUTION }) => RESOLUTION)).toEqual(["960x720", "720x540", "360x270"]);
  expect(new Set([...listed.values()].map((each) => each["FRAME-RATE"])).size).toBe(1);
  const [source = 0, first = 0, second = 0] = [...listed.values()].map(({ BANDWIDTH }) => Number(BANDWIDTH));
  expect(source).toBeGreaterThan(first);
  expect(first).toBeGreaterThan(second);
  await until("only the source's FFmpeg to run", () => ffmpegsOf(host.pid).length === 1);

  await until("three segments", async () => (await variants.segments("video")).length >= 3);
  const past = (await variants.segments("rung1")).at(-1);
  if (!past) throw new Error("the rung's playlist is empty");
  // What was before it was read, and what came since.
  const live = await until("the next segment", async () =>
    (await variants.segments("rung1")).find(({ msn }) => msn > past.msn + 1),
  );
  for (const segment of [past, live]) {
    const own = (await variants.segments("video")).find(({ msn }) => msn === segment.msn);
    expect(segment).toEqual({ ...own, name: `rung1-${segment.msn}.m4s` });
    const packets = await variants.packets("rung1", segment.name);
    const sources = await variants.packets("video", own?.name ?? "");
    expect(packets.map(({ keyframe }) => keyframe)).toEqual(sources.map(({ keyframe }) => keyframe));
    expect(packets[0]).toEqual({ keyframe: true, pts: sources[0]?.pts });
    // A frame that shares a fragment of the source with another one may be moved there after it was passed on.
    for (const [index, { pts }] of packets.entries()) expect(pts).toBeCloseTo(sources[index]?.pts ?? 0, 1);
    const bytes = (await variants.file(segment.name)).length;
    expect((bytes * 8) / segment.duration).toBeLessThan(first);
  }
  // What it is told to be is what it is.
  const init = (await variants.file("init-rung1-0.mp4")).toString("latin1");
  const profile = /avc1\.([0-9a-f]{6})/.exec(listed.get("rung1")?.CODECS ?? "")?.[1] ?? "none";
  expect(Buffer.from(init.slice(init.indexOf("avcC") + 5), "latin1").toString("hex", 0, 3)).toBe(profile);

  const mpd = await (await fetch(hls.replace("index.m3u8", "manifest.mpd"))).text();
  const representations = [...mpd.matchAll(/<Representation id="(\w+)" [\s\S]*?<\/Representation>/g)];
  expect(representations.map(([, id]) => id)).toEqual(["video", "rung1", "rung2", "audio"]);
  const timelines = representations
    .slice(0, 3)
    .map(([text]) => /<SegmentTimeline>[\s\S]*<\/SegmentTimeline>/.exec(text)?.[0]);
  expect(new Set(timelines).size).toBe(1);
  const time = /<S t="(\d+)"/.exec(timelines[0] ?? "")?.[1];
  expect(await variants.file(`rung2-0-t${time}.m4s`)).not.toHaveLength(0);
});

test.each([
  [{ renditions: "source" } as const, ["video"]],
  [{ quality: "low_bandwidth" } as const, ["video", "rung1"]],
])("with %o the renditions are %j", async (options, ids) => {
  const { variants } = await publish({ options, media: { width: 640, height: 480, bitrate: 300_000 } });
  // A playlist that is asked for before it is known which rungs there are waits 4 s, and then goes without them.
  await expect.poll(async () => [...(await variants.listed()).keys()], { timeout: paced(10_000) }).toEqual(ids);
});
