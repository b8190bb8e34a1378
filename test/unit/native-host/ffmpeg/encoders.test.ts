// The table of encoders, its arguments, and what is read from FFmpeg's own lists.
import { describe, expect, it } from "vitest";
import { hasFpsMode, parseEncoders } from "../../../../native-host/ffmpeg/capabilities.ts";
import { encodeArguments, filterChain } from "../../../../native-host/ffmpeg/encoder-arguments.ts";
import { candidatesFor, ENCODERS, encoderNamed } from "../../../../native-host/ffmpeg/encoder-table.ts";
import {
  type EncoderDefinition,
  type EncodeTarget,
  rateBudget,
} from "../../../../native-host/ffmpeg/encoder-target.ts";

const TARGET: EncodeTarget = {
  width: 1280,
  height: 720,
  frame_rate: 30,
  keyframe_interval: 2000,
  video_bitrate: 3_000_000,
  cores: 2,
  detail_divisor: 1,
  matrix: "bt709",
};
const named = (name: string) => encoderNamed(name) as EncoderDefinition;
const argumentOf = (args: readonly string[], option: string) => args[args.indexOf(option) + 1];

describe("candidates", () => {
  const names = (...asked: Parameters<typeof candidatesFor>) => candidatesFor(...asked).map(({ name }) => name);
  it("come hardware first, only those of the platform", () => {
    expect(names("h264", "linux")).toEqual([
      "h264_nvenc",
      "h264_qsv",
      "h264_vaapi",
      "h264_amf",
      "libx264",
      "libopenh264",
    ]);
    expect(names("h265", "darwin")).toEqual(["hevc_videotoolbox", "libx265"]);
  });
  it("can be forced; the name of another codec's encoder changes nothing", () => {
    expect(names("h264", "linux", "software")).toEqual(["libx264", "libopenh264"]);
    expect(names("h264", "linux", "libx264")).toEqual(["libx264"]);
    expect(names("vp9", "win32", "libx264")).toEqual(["vp9_qsv", "libvpx-vp9"]);
    expect(names("vp9", "darwin", "hardware")).toEqual([]);
  });
});

describe("arguments", () => {
  it.each(ENCODERS.map((encoder) => [encoder.name, encoder] as const))(
    "%s stays under the cap, without B frames",
    (_n, encoder) => {
      const { output } = encodeArguments(encoder, TARGET, true);
      const { clock = 1 } = encoder;
      expect(Number(argumentOf(output, "-maxrate"))).toBeLessThanOrEqual(3_000_000 * clock);
      expect(argumentOf(output, "-c:v")).toBe(encoder.name);
      expect(argumentOf(output, "-force_key_frames")).toContain(`/${2 / clock}+`);
      // One whose clock goes slower has its packets get their times back.
      expect(argumentOf(output, "-vf")?.includes(`setpts=PTS/${clock}`)).toBe(clock > 1);
      expect(output.includes(`setts=pts=PTS*${clock}:dts=DTS*${clock}:duration=DURATION*${clock}`)).toBe(clock > 1);
      expect(["0", undefined]).toContain(output.includes("-bf") ? argumentOf(output, "-bf") : undefined);
      expect(output.includes("hvc1")).toBe(encoder.codec === "h265");
    },
  );
  it("leave any four seconds under the cap and a tenth", () => {
    const { maxrate, bufsize } = rateBudget(1_000_000);
    expect(4 * maxrate + bufsize).toBeLessThan(4_400_000);
  });
  it("begin with less room where the cap was used up before", () => {
    const room = (name: string, takes_over: boolean) => {
      const options = named(name).options({ ...TARGET, takes_over });
      const initial = /vbv-init=([\d.]+)/.exec(options.join(" "))?.[1];
      return initial
        ? Number(initial)
        : Number(argumentOf(options, "-rc_init_occupancy")) / Number(argumentOf(options, "-bufsize"));
    };
    for (const name of ["libx264", "libx265"]) {
      expect(room(name, false)).toBeCloseTo(0.9, 2);
      expect(room(name, true)).toBeCloseTo(0.35, 2);
    }
  });
  it("choose a cheaper search for more pixels and fewer cores", () => {
    const preset = (more: Partial<EncodeTarget>) =>
      argumentOf(named("libx264").options({ ...TARGET, ...more }), "-preset");
    expect(preset({})).toBe("veryfast");
    expect(preset({ width: 1920, height: 1080, frame_rate: 60 })).toBe("superfast");
    expect(preset({ width: 1920, height: 1080, frame_rate: 60, cores: 16 })).toBe("veryfast");
    expect(preset({ width: 3840, height: 2160 })).toBe("ultrafast");
  });
  it("have no ceiling where there is no cap", () => {
    for (const name of ["libx264", "libx265", "libvpx-vp9"]) {
      expect(
        named(name)
          .options({ ...TARGET, video_bitrate: null })
          .join(" "),
      ).not.toMatch(/-maxrate|-crf/);
    }
  });
  it("fit the picture, and halve its detail when told to", () => {
    expect(filterChain(named("libx264"), TARGET)).not.toContain("640:360");
    expect(filterChain(named("libx264"), { ...TARGET, detail_divisor: 2 })).toContain("scale=640:360");
    expect(filterChain(named("h264_vaapi"), TARGET)).toMatch(/hwupload$/);
  });
});

describe("what FFmpeg says of itself", () => {
  it("is read from its lists", () => {
    const list =
      " V..... = Video\n V....D libx264              libx264 H.264\n A....D aac                  AAC\n V....D h264_nvenc           NVIDIA\n";
    expect(parseEncoders(list)).toEqual(["libx264", "h264_nvenc"]);
  });
  it("decides what depends on the version", () => {
    expect([hasFpsMode("4.4.2"), hasFpsMode("5.1.9"), hasFpsMode("n7.1")]).toEqual([false, true, true]);
  });
});
