// `flybrowser stream` as a shell sees it: what is on stdout, the exit status, the errors, what is left behind.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StartStreamResult, StopStreamResult } from "../../protocol/results.ts";
import { descendants, isPortOpen, profilesOf, stillRunning } from "./harness/leftovers.ts";
import { probe } from "./harness/media.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { type Outcome, run } from "./harness/run.ts";
import { until } from "./harness/until.ts";

const COMMAND = "dist/cli/flybrowser.js";

let pages: Pages;
const running: ChildProcess[] = [];

/** A command that streams, its first line read. */
async function begin(...flags: string[]) {
  const args = [COMMAND, "stream", pages.url("pattern.html"), "--json", ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const first = await until(
    "the first line",
    () => {
      if (child.exitCode !== null) throw new Error(stderr);
      return stdout.includes("\n") && stdout.split("\n")[0];
    },
    45_000,
  );
  const pid = child.pid ?? 0;
  const started = JSON.parse(first) as StartStreamResult;
  return {
    child,
    pid,
    started,
    ended,
    lines: () => stdout.trimEnd().split("\n"),
    below: descendants(pid).map((each) => each.pid),
  };
}

/** Nothing of a command is left: process, port, profile. */
async function nothingLeft({ pid, below, started }: Awaited<ReturnType<typeof begin>>) {
  expect(below.length).toBeGreaterThan(3);
  await until("no process is left", () => stillRunning(below).length === 0, 5_000);
  expect(await isPortOpen(started.local_server_port)).toBe(false);
  return profilesOf(pid);
}

const flybrowser = (...args: string[]): Promise<Outcome> => run(process.execPath, [COMMAND, ...args]);

beforeAll(async () => {
  pages = await servePages();
});

afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await pages.close();
});

test("--json: the result of the start, then that of the stop, and nothing else; size and rate as asked", async () => {
  const command = await begin("--duration", "4", "--width", "640", "--height", "480", "--frame-rate", "15");
  const { started } = command;
  expect(started).toMatchObject({ status: "active", width: 640, height: 480, frame_rate: 15 });
  const video = (await probe(started.hls_url ?? "")).find(({ codec_type }) => codec_type === "video");
  expect(video).toMatchObject({ width: 640, height: 480 });
  expect(await command.ended).toBe(0);
  const [, last, ...more] = command.lines();
  expect(more).toEqual([]);
  const stopped = JSON.parse(last ?? "") as StopStreamResult;
  expect(stopped).toMatchObject({ success: true, stream_id: started.stream_id, info: { state: "stopped" } });
  if (!stopped.success) throw new Error(stopped.error);
  const rate = (stopped.info.metrics.frames_sent ?? 0) / stopped.info.uptime_seconds;
  expect(rate).toBeGreaterThan(3); // a busy machine gives fewer than were asked for, none gives more
  expect(rate).toBeLessThan(17);
  expect(await nothingLeft(command)).toEqual([]);
});

test("Ctrl-C ends all, with the result of the stop and status 0", async () => {
  const command = await begin();
  command.child.kill("SIGINT");
  expect(await command.ended).toBe(0);
  expect(JSON.parse(command.lines().at(-1) ?? "")).toMatchObject({ success: true });
  expect(await nothingLeft(command)).toEqual([]);
});

test("`flybrowser stop` from elsewhere is an end that somebody wanted: status 0, with the result of the stop", async () => {
  const command = await begin();
  expect((await flybrowser("stop", command.started.stream_id)).status).toBe(0);
  expect(await command.ended).toBe(0);
  const last = JSON.parse(command.lines().at(-1) ?? "");
  expect(last).toMatchObject({ success: true, stream_id: command.started.stream_id, info: { state: "stopped" } });
});

test("a flag or a command with a slip in it: what was meant", async () => {
  const flag = await flybrowser("stream", "about:blank", "--qualty", "high");
  expect([flag.status, flag.stderr]).toEqual([
    1,
    "✗ The command flybrowser stream can't be run like that: it has no option --qualty.\n  Did you mean --quality?\n",
  ]);
  for (const [words, meant] of [
    [["strem"], "stream"],
    [["help", "strem"], "stream"],
    [["links", "revok"], "revoke"],
    [["example.com"], "flybrowser stream example.com"],
  ] as const) {
    const name = await flybrowser(...words);
    expect([name.status, name.stderr]).toEqual([1, expect.stringContaining(`Did you mean ${meant}?`)]);
  }
});

/** Status 1, one sentence with the mend, and the same as the last line of what programs read. */
function mistaken({ status, stdout, stderr }: Outcome, sentence: RegExp): void {
  const [what = "", ...todo] = stderr.trimEnd().split("\n");
  expect([status, what]).toEqual([1, expect.stringMatching(sentence)]);
  expect(todo).toHaveLength(1);
  expect(JSON.parse(stdout.toString())).toMatchObject({ success: false, error: what.slice(2) });
}

describe("a mistake is one readable error and status 1", () => {
  test.each([
    [["--quality", "ultra"], /--quality: "ultra" is not allowed.*ultra_low_latency, low_bandwidth.*lossless/],
    [["--width", "1001"], /--width: 1001 is not allowed.*even.*16.*7680/],
    [["--frame-rate", "61"], /--frame-rate: 61 is not allowed.*1 to 60/],
    [["--duration", "soon"], /--duration: "soon" is not allowed.*seconds/],
    [["--protocol", "rtmp"], /--rtmp-url: leaving it out is not allowed.*rtmp:\/\//],
    [["--to", "twitch"], /FLYBROWSER_KEY_TWITCH: leaving it out is not allowed.*stream key of Twitch/],
    [["--width"], /The command flybrowser stream can't be run like that: --width <px> needs a value/],
    [["--record", "package.json"], /The recording can't be written to \/.*package\.json: /],
    [["--colour", "red"], /The command flybrowser stream can't be run like that: it has no option --colour\.$/],
  ])("%j", async (flags, sentence) => {
    mistaken(await flybrowser("stream", pages.url("static.html"), "--json", ...flags), sentence);
  });

  test.each([
    ["FLYBROWSER_PORT", "http", /FLYBROWSER_PORT can't be used: http is no port/],
    ["FLYBROWSER_PUBLIC_URL", "tab.example", /FLYBROWSER_PUBLIC_URL can't be used: .*https:\/\/name/],
    [
      "FLYBROWSER_VIEW_ADDRESS",
      "203.0.113.77",
      /FLYBROWSER_VIEW_ADDRESS can't be used: 203\.0\.113\.77 is no IP address/,
    ],
    ["FLYBROWSER_FFMPEG", "/nowhere/ffmpeg", /FFmpeg was not found.*FLYBROWSER_FFMPEG=\/nowhere\/ffmpeg does not run/],
  ])("%s=%s", async (name, value, sentence) => {
    mistaken(await run(process.execPath, [COMMAND, "stream", "--json"], { env: { [name]: value } }), sentence);
  });

  test("a port that another program has", async () => {
    const server = createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const outcome = await run(process.execPath, [COMMAND, "stream", "--json"], {
        env: { FLYBROWSER_PORT: String(port) },
      });
      mistaken(outcome, new RegExp(`Port ${port}, which FLYBROWSER_PORT asks for, can't be used \\(EADDRINUSE\\)`));
    } finally {
      server.close();
    }
  });

  test("an address that can't be reached", async () => {
    const outcome = await flybrowser("stream", "http://127.0.0.1:1/", "--json");
    mistaken(outcome, /^✗ The page http:\/\/127\.0\.0\.1:1\/ could not be opened: .*/);
    expect(outcome.stderr).toMatch(/\n {2}Check the address\.\n$/);
  });
});
