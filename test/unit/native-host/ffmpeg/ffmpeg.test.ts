import { describe, expect, test } from "vitest";
import { ffmpegArguments, type RunPlan } from "../../../../native-host/ffmpeg/arguments.ts";
import { deathError, LineTail } from "../../../../native-host/ffmpeg/death.ts";
import { isNewEnough, locateFfmpeg } from "../../../../native-host/ffmpeg/locate.ts";
import { RENDITIONS } from "../packager/media.ts";

describe("arguments", () => {
  const video = { rendition: RENDITIONS.video, make: { kind: "copy", codec: "h264", matrix: "bt709" } } as const;
  const audio = { rendition: RENDITIONS.audio, make: { kind: "aac", bitrate: 96_000 } } as const;
  const plan: RunPlan = {
    renditions: [video, audio],
    offset: 1.25,
    sound_late: 60,
    fragment_duration: 150,
    fps_mode: true,
  };

  test("put all outputs on the stream's clock, in fragments of one length", () => {
    const args = ffmpegArguments(plan);
    const of = (name: string) => args.flatMap((arg, index) => (arg === name ? [args[index + 1]] : []));
    expect(of("-output_ts_offset")).toEqual(["1.250000", "1.190000"]);
    expect(of("-frag_duration")).toEqual(["30000", "150000"]);
    expect(of("-b:a")).toEqual(["96000"]);
    expect(of("-c:v")).toEqual(["copy"]);
    expect(args).not.toContain("nobuffer"); // it loses the first keyframe
  });

  test("copy Opus for who gets media as they come, in fragments of a packet, beside AAC for all others", () => {
    const opus = { rendition: { ...RENDITIONS.audio, id: "opus", codec: "opus" }, make: { kind: "opus" } } as const;
    const args = ffmpegArguments({ ...plan, renditions: [video, audio, opus], sound_late: 0 });
    const of = (name: string) => args.flatMap((arg, index) => (arg === name ? [args[index + 1]] : []));
    expect(of("-c:a")).toEqual(["aac", "copy"]);
    expect(of("-frag_duration")).toEqual(["30000", "150000", "10000"]);
    expect(of("-output_ts_offset")).toEqual(["1.250000", "1.250000", "1.250000"]);
  });

  test("of an encode decode without delay, encode, and tag H.265 for Safari", () => {
    const target = { width: 640, height: 360, frame_rate: 30, keyframe_interval: 1000, video_bitrate: 1e6, cores: 2 };
    const make = {
      kind: "encode",
      encoder: "libx265",
      target: { ...target, detail_divisor: 1, matrix: "bt709" },
    } as const;
    const args = ffmpegArguments({ ...plan, renditions: [{ ...video, make }, audio] });
    // players read the timescale once, whatever makes the next run
    for (const each of [args, ffmpegArguments(plan)])
      expect(each[each.indexOf("-video_track_timescale") + 1]).toBe("90000");
    expect(args.indexOf("-thread_type")).toBeLessThan(args.indexOf("-i"));
    expect(args[args.indexOf("-c:v") + 1]).toBe("libx265");
    expect(args[args.indexOf("-tag:v") + 1]).toBe("hvc1");
    expect(() => ffmpegArguments({ ...plan, renditions: [{ ...video, make: { ...make, encoder: "none" } }] })).toThrow(
      /no encoder none/,
    );
  });

  test("have an output for each rendition, in the order of the plan", () => {
    const pipes = (renditions: RunPlan["renditions"]) =>
      ffmpegArguments({ ...plan, renditions }).filter((argument) => /^pipe:[1-9]/.test(argument));
    expect(pipes([video])).toEqual(["pipe:1"]);
    expect(pipes([video, audio])).toEqual(["pipe:1", "pipe:3"]);
    expect(pipes([video, audio, video, video])).toEqual(["pipe:1", "pipe:3", "pipe:4", "pipe:5"]);
  });
});

describe("versions", () => {
  test.each(["4.4", "4.4.2-0ubuntu0.22.04.1", "5.1.9-0+deb12u1", "n7.1", "N-109542-g1234", "2024-06-01-git-ab"])(
    "%s will do",
    (version) => {
      expect(isNewEnough(version)).toBe(true);
    },
  );
  test.each(["4.3.8", "n4.2", "3.4.13", "0.10.1"])("%s is too old", (version) => {
    expect(isNewEnough(version)).toBe(false);
  });
  test("an explicit path is never overruled by the PATH", async () => {
    await expect(locateFfmpeg({ FLYBROWSER_FFMPEG: process.execPath })).rejects.toMatchObject({
      code: "ffmpeg_not_found",
    });
  });
});

describe("the end of FFmpeg in words", () => {
  const death = { code: 1, signal: null, killed_because: null, stderr: [] };
  test.each([
    [{ ...death, stderr: ["pipe:0: Invalid data found when processing input"] }, "not what it announced"],
    [{ ...death, stderr: ["Unknown encoder 'aac'"] }, "lacks an encoder"],
    [{ ...death, code: null, signal: "SIGKILL" as const }, "killed by SIGKILL"],
    [{ ...death, code: 0 }, "stopped although media kept coming"],
    [{ ...death, killed_because: "it stopped reading its input" }, "stopped reading its input"],
    [{ ...death, stderr: ["odd"] }, 'status 1: "odd"'],
  ])("%o", (how, words) => {
    const error = deathError(how);
    expect(error.code).toBe("ffmpeg_failed");
    expect(error.message).toContain(words);
    expect(error.cause).toBeInstanceOf(Error);
  });

  test("only the last lines are kept, cut to a length, without the noise", () => {
    const tail = new LineTail();
    tail.push("Consider increasing the value for the 'analyzeduration' (0) and 'probesize' (32) options\n");
    for (let line = 0; line < 100; line++) tail.push(`line ${line}\r\n`);
    tail.push("y".repeat(1_000_000));
    tail.end();
    expect(tail.lines).toHaveLength(20);
    expect(tail.lines.at(-2)).toBe("line 99");
    expect(tail.lines.at(-1)).toHaveLength(400);
  });
});
