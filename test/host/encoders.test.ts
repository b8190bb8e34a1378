// The encoders of the real FFmpeg on hard content with uneven timing: cap, keyframes, size, colours, sharp text (libx265 and libvpx-vp9:
// test/long/encoders.test.ts); and which of them are trusted. The live pipeline is not in here.
import { execFile } from "node:child_process";
import { chmod, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { binaryKey } from "../../native-host/ffmpeg/capabilities.ts";
import { encoderNamed } from "../../native-host/ffmpeg/encoder-table.ts";
import type { EncoderDefinition } from "../../native-host/ffmpeg/encoder-target.ts";
import { tryEncoder } from "../../native-host/ffmpeg/encoder-trial.ts";
import { Encoders } from "../../native-host/ffmpeg/encoders.ts";
import { say } from "../../protocol/sentence.ts";
import { encode, holdsCap, keepsTextCrisp, makeSources, probe, QUIET } from "./harness/encoded.ts";

const run = promisify(execFile);
const LONG = 120_000;
let ffmpeg = "ffmpeg";
let folder = "";

beforeAll(async () => {
  ({ ffmpeg, folder } = await makeSources());
}, LONG);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("libx264", () => {
  it("holds the cap on noise with uneven timing", () => holdsCap("libx264"), LONG);
  it("keeps a page of text crisp", () => keepsTextCrisp("libx264"), LONG);
});

describe("exact size", () => {
  it(
    "fits the picture inside, with bars, and does not stretch it",
    async () => {
      const { file } = await encode("libx264", "text", { width: 640, height: 640 });
      const [stream] = (await probe(file, "stream=width,height,sample_aspect_ratio")).streams as Record<
        string,
        unknown
      >[];
      expect(stream).toMatchObject({ width: 640, height: 640, sample_aspect_ratio: "1:1" });
      const row = async (y: number) => {
        const args = [
          "-i",
          file,
          "-frames:v",
          "1",
          "-vf",
          `crop=640:2:0:${y},format=gray,scale=1:1:flags=area`,
          "-f",
          "rawvideo",
          "pipe:1",
        ];
        return (await run(ffmpeg, [...QUIET, ...args], { encoding: "buffer" })).stdout[0] as number;
      };
      expect([await row(40), await row(590)].every((grey) => grey < 30)).toBe(true);
      expect(await row(320)).toBeGreaterThan(100);
    },
    LONG,
  );
});

describe("Encoders", () => {
  it(
    "trusts only what it has tried, remembers it per binary, and goes on to none after the last",
    async () => {
      const state_dir = join(folder, "state");
      const encoders = new Encoders({ ffmpeg_path: ffmpeg, state_dir, forced: "software" });
      expect((await encoders.choose("h264"))?.name).toBe("libx264");
      expect(encoders.known("h264")).toEqual([expect.objectContaining({ encoder: "libx264", works: true })]);
      const file = join(state_dir, `ffmpeg-${await binaryKey(ffmpeg)}.json`);
      expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
        capabilities: {},
        encoders: { verdicts: [{ works: true }] },
      });
      if (process.platform !== "win32") expect((await stat(file)).mode & 0o077).toBe(0);

      expect((await encoders.next("libx264", "killed"))?.name).not.toBe("libx264");
      expect(encoders.known("h264")[0]).toMatchObject({
        works: false,
        reason: { code: "encoder.died", values: { reason: "killed" } },
      });
      expect((await new Encoders({ ffmpeg_path: ffmpeg, state_dir, forced: "libx264" }).choose("h264"))?.name).toBe(
        "libx264",
      );
    },
    LONG,
  );

  it("says why an encoder can't be used", async () => {
    const broken = { ...(encoderNamed("libx264") as EncoderDefinition), options: () => ["-crf", "no-number"] };
    const result = await tryEncoder(ffmpeg, broken, true);
    expect(result.works).toBe(false);
    expect(say(result.reason)).toMatch(/no-number|crf|Error/i);
  });

  it("ends an encoder that hangs", async () => {
    const hanging = join(folder, "hanging-ffmpeg");
    await writeFile(hanging, "#!/bin/sh\nexec sleep 60\n");
    await chmod(hanging, 0o755);
    const result = await tryEncoder(hanging, encoderNamed("libx264") as EncoderDefinition, true, 300);
    expect(result).toEqual({
      works: false,
      reason: { code: "encoder.slow", values: { seconds: 0.3 } },
      may_pass: true,
    });
  });

  it("takes nothing for broken that somebody else has ended: it is tried again, and nothing of it is kept", async () => {
    const state_dir = join(folder, "killed");
    const [killed, times] = [join(folder, "killed-ffmpeg"), join(folder, "times")];
    await writeFile(
      killed,
      `#!/bin/sh
case "$*" in *testsrc2*)
  echo trial >> "${times}"
  [ "$(wc -l < "${times}")" -le "$KILLS" ] && kill -9 $$
esac
exec "${ffmpeg}" "$@"
`,
    );
    await chmod(killed, 0o755);
    onTestFinished(() => void vi.unstubAllEnvs());
    const choose = (encoders: Encoders) => encoders.choose("h264").then((encoder) => encoder?.name ?? null);
    const fresh = () => new Encoders({ ffmpeg_path: killed, state_dir, forced: "libx264" });

    vi.stubEnv("KILLS", "2"); // the first trial and its repetition
    const unlucky = fresh();
    expect(await choose(unlucky)).toBeNull();
    expect(unlucky.known("h264")).toMatchObject([{ works: false, reason: { code: "ffmpeg.killed" } }]);
    expect(await choose(unlucky)).toBe("libx264");
    await rm(state_dir, { recursive: true });
    await rm(times);
    vi.stubEnv("KILLS", "1");
    expect(await choose(fresh())).toBe("libx264");
    await rm(state_dir, { recursive: true });
    await rm(times);
    vi.stubEnv("KILLS", "2");
    expect(await choose(fresh())).toBeNull();
    expect(await choose(fresh())).toBe("libx264"); // the next host knows nothing of it
  });
});
