// Players that aren't ours on the ladder: Shaka (in Chromium, DevTools' network emulation) and VLC (through a proxy that is slow), on a
// line that breaks down from 4 Mbit/s to 400 kbit/s. They go on with a rung, and Shaka comes back up.
import { type ChildProcess, spawn } from "node:child_process";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { Transform } from "node:stream";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Site, serveSite } from "../../bench/clients/site.ts";
import { endProcess, Stage } from "../../bench/clients/stage.ts";
import { sleep } from "../../protocol/async.ts";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

let pages: Pages;
let site: Site;
let browser: FlyBrowser;
let started: StartStreamResult;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  pages = await servePages();
  site = await serveSite();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  // Noise uses up its cap of 1.5 Mbit/s: it doesn't fit into 400 kbit/s.
  await browser.goto(pages.url("noise.html"));
  started = await browser.startStream({ quality: "medium" });
}, 120_000);
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await pages?.close();
});

const height = (viewer: Viewer) => viewer.page.$eval("video", (video) => (video as HTMLVideoElement).videoHeight);

test.each(["hls_url", "dash_url"] as const)("Shaka at %s", { timeout: 240_000 }, async (name) => {
  const viewer = await openViewer(site.library("Shaka", started[name] ?? ""));
  closers.push(() => viewer.close());
  const devtools = await viewer.page.createCDPSession();
  await devtools.send("Network.enable");
  const line = (kbit: number) =>
    devtools.send("Network.emulateNetworkConditions", {
      ...{ offline: false, latency: 20, downloadThroughput: kbit * 125, uploadThroughput: kbit * 125 },
    });
  await line(4_000);
  await untilPlays(viewer, 60, 60_000);
  await until("the source", async () => (await height(viewer)) === 360, 90_000);
  await line(400);
  await until("a lower rendition", async () => (await height(viewer)) < 360, 90_000);
  const shown = await viewer.frames();
  await until("it to go on", async () => (await viewer.frames()) > shown + 60, 60_000);
  await line(4_000);
  await until("the source again", async () => (await height(viewer)) === 360, 90_000);
});

/** Passes on to `port` what comes, and back at `kbit` kbit/s; notes the paths that are asked for. */
async function slowProxy(port: number): Promise<{ port: number; asked: string[]; line: { kbit: number } }> {
  const [asked, line]: [string[], { kbit: number }] = [[], { kbit: 4_000 }];
  let free = 0; // performance.now() from which the line is free, for all connections
  const server: Server = createServer((socket) => {
    const upstream = connect(port, "127.0.0.1");
    for (const [end, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      end.on("error", () => other.destroy());
      end.on("close", () => other.destroy());
    }
    socket.on("data", (data) =>
      asked.push(...[...data.toString("latin1").matchAll(/GET (\S+)/g)].map(([, path]) => path ?? "")),
    );
    socket.pipe(upstream);
    const slow = new Transform({
      async transform(data: Buffer, _encoding, done) {
        for (let at = 0; at < data.length; at += 4_096) {
          const piece = data.subarray(at, at + 4_096);
          free = Math.max(free, performance.now()) + (piece.length * 8) / line.kbit;
          await sleep(Math.max(0, free - performance.now()));
          this.push(piece);
        }
        done();
      },
    });
    upstream.pipe(slow).pipe(socket);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  closers.push(() => new Promise((closed) => server.close(closed)));
  return { port: (server.address() as AddressInfo).port, asked, line };
}

test("VLC at hls_url", { timeout: 240_000 }, async () => {
  const stage = await Stage.open();
  closers.push(() => stage.close());
  const url = new URL(started.hls_url ?? "");
  const proxy = await slowProxy(Number(url.port));
  url.port = String(proxy.port);
  const nobody = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const [command = "", ...args] = [...nobody, "cvlc", "-q", "--no-video-title-show", url.href, "vlc://quit"];
  const vlc: ChildProcess = spawn(command, args, { stdio: "ignore", env: { ...process.env, ...stage.env } });
  closers.push(() => endProcess(vlc));
  const segments = (of: RegExp) => proxy.asked.filter((path) => of.test(path)).length;
  await until("the source", () => segments(/\/video-\d+\.m4s/) > 4, 60_000);
  proxy.line.kbit = 400;
  await until("a rung", () => segments(/\/rung\d-\d+\.m4s/) > 0, 90_000);
  const [rungs, sources] = [segments(/\/rung\d-/), segments(/\/video-\d+\.m4s/)];
  await until("it to go on with it", () => segments(/\/rung\d-/) > rungs + 8, 60_000);
  expect(segments(/\/video-\d+\.m4s/)).toBeLessThan(sources + 4);
  expect(vlc.exitCode).toBeNull();
});
