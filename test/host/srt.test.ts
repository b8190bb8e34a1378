// SRT to a real program, SRT's own tool: what arrives, what is refused, and that the secret is nowhere.
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { ffmpegWith } from "../../native-host/ffmpeg/capabilities.ts";
import { SrtDestination } from "../../native-host/sinks/srt/srt-destination.ts";
import { hostLog } from "../fixtures/host-log.ts";
import { paced } from "../fixtures/pace.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { Cleanup, endProcess, freePort, temporaryFolder, until } from "../fixtures/rtmp/processes.ts";
import { examine } from "../fixtures/rtmp/pull.ts";
import { isIn, sendMedia, srtDestination, startListener } from "../fixtures/srt.ts";

const FFMPEG = process.env.FLYBROWSER_FFMPEG ?? "ffmpeg";
const cleanup = new Cleanup();
afterEach(() => cleanup.run(), 30_000);
const lines = hostLog();
/** With what URLs take for something else; SRT's own tool takes it as it stands. */
const key = `${testKey()}+%2B/=`;

/** The secret is in no argument, no environment of a process, no log, no file of ours. `but`: the process that has to know it. */
function expectNoSecret(but: number | undefined, ...texts: unknown[]): void {
  for (const text of [...lines, ...texts.map((each) => inspect(each, { depth: 9, showHidden: true }))]) {
    expect(text).not.toContain(key);
  }
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== but)) {
    for (const file of ["cmdline", "environ"]) {
      let text = "";
      try {
        text = readFileSync(`/proc/${pid}/${file}`, "utf8");
      } catch {
        continue; // it is gone
      }
      expect(text, `process ${pid}`).not.toContain(key);
    }
  }
  expect(readdirSync(tmpdir()).filter((name) => name.endsWith(".ffpreset"))).toEqual([]);
}

describe("SRT", () => {
  it(
    "calls SRT's own tool with a passphrase: what arrives is complete and in sync, and the secret is nowhere",
    async () => {
      const [port, folder] = [await freePort(), await temporaryFolder(cleanup)];
      const file = join(folder, "arrived.ts");
      const tool = startListener(cleanup, port, file, key);
      const made = srtDestination(cleanup, `srt://127.0.0.1:${port}?streamid=%23!::r=live,m=publish&latency=200`, {
        key,
      });
      await sendMedia(cleanup, made);
      await isIn(made, "live");
      await until("media", () => made.report.bytes_sent > 150_000, 20_000);
      expectNoSecret(tool.pid, made, made.report, made.public_url);
      expect(made.public_url).toBe(`srt://127.0.0.1:${port}`);
      await made.close();
      expect(made.report).toMatchObject({ state: "ended", reconnects: 0, error: null });
      await endProcess(tool, "SIGINT");
      const arrived = await examine(file);
      expect(arrived.video).toMatchObject({ codec: "h264", width: 640, height: 360 });
      expect(arrived.video.frames).toBeGreaterThan(45);
      expect(arrived.audio).toMatchObject({ codec: "aac", sampleRate: 48_000 });
      expect(arrived.largestGap).toBeLessThan(0.045);
      expect(arrived.complaints).toBe("");
      expect(Math.max(...arrived.beepDelays.map(Math.abs))).toBeLessThan(0.05);
    },
    paced(60_000),
  );

  it(
    "says what is wrong: a wrong passphrase is final; nobody there, and a name that there is not, are tried again",
    async () => {
      const folder = await temporaryFolder(cleanup);
      const [port, nobody] = [await freePort(), await freePort()];
      startListener(cleanup, port, join(folder, "refused.ts"), "another-passphrase");
      const wrong = srtDestination(cleanup, `srt://127.0.0.1:${port}`, { key });
      const away = srtDestination(cleanup, `srt://127.0.0.1:${nobody}`, { connect: 1_000 });
      const nameless = srtDestination(cleanup, "srt://no-such-server.invalid:9000");
      await sendMedia(cleanup, wrong, away, nameless);
      await isIn(wrong, "failed");
      expect(wrong.report.error).toMatchObject({ code: "destination_refused" });
      expect(wrong.report.error?.message).toContain("the passphrase is wrong");
      await isIn(away, "retrying");
      expect(away.report.error).toMatchObject({ code: "destination_unreachable" });
      expect(away.report.error?.message).toContain("it does not answer");
      await isIn(nameless, "retrying");
      expect(nameless.report.error?.message).toContain("no server of that name");
      expectNoSecret(undefined, wrong, wrong.report);
    },
    paced(60_000),
  );

  it("is refused where this FFmpeg has no SRT", async () => {
    const plan = { destination_id: "d", name: "n", required: false, url: "srt://127.0.0.1:9000" };
    const made = new SrtDestination(plan, { ffmpegPath: () => ffmpegWith("no-such-protocol", FFMPEG) });
    await expect(made.connect()).rejects.toMatchObject({ code: "unsupported_combination" });
    expect(made.report).toMatchObject({ state: "failed", error: { code: "unsupported_combination" } });
    expect(await ffmpegWith("srt", FFMPEG)).toBe(FFMPEG);
  });
});
