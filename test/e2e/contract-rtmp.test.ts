// RTMP and RTMPS from a real tab: what is refused, and that the key is nowhere. What arrives, several destinations, a server that goes
// away: test/long/contract-rtmps.test.ts.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { type RtmpServer, startRtmpServer, startTls } from "../fixtures/rtmp/nginx.ts";
import { Cleanup, freePort } from "../fixtures/rtmp/processes.ts";
import { descendants, profilesOf } from "./harness/leftovers.ts";
import { type Pages, servePages } from "./harness/pages.ts";

const cleanup = new Cleanup();
const key = testKey();
let pages: Pages;
let server: RtmpServer;
let secure: { port: number; certificate: string };
let browser: FlyBrowser;

beforeAll(async () => {
  server = await startRtmpServer(cleanup, key);
  secure = await startTls(cleanup, server.port);
  process.env.FLYBROWSER_RTMP_CA = secure.certificate; // the host inherits it
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  await browser.goto(pages.url("pattern.html"));
});

afterAll(async () => {
  delete process.env.FLYBROWSER_RTMP_CA;
  await browser?.close();
  await pages?.close();
  await cleanup.run();
});

/** The status of the stream that runs. */
async function _live() {
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  return status.status;
}

/** Looks for the key where other users, logs and files could show it. */
function expectNoKey(...told: unknown[]): void {
  expect(JSON.stringify(told)).not.toContain(key);
  for (const { pid, command } of descendants(process.pid)) {
    expect(command).not.toContain(key);
    try {
      expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain(key);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error; // else it has ended meanwhile
    }
  }
  for (const profile of profilesOf(process.pid)) {
    const found = () => execFileSync("grep", ["-rlF", key, join(tmpdir(), profile)]).toString();
    expect(found).toThrow(/^Command failed/); // grep's way to say: in no file
  }
}

test("a wrong key, no server, no TLS: each is said within 10 s, and nothing is left of the start", async () => {
  const refused = async (options: { rtmp_url: string; rtmp_key: string }) => {
    const began = Date.now();
    const error = await browser.startStream({ protocol: "rtmp", ...options }).then(
      () => null,
      (thrown) => thrown,
    );
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(await browser.getStreamStatus()).toMatchObject({ active: false });
    expectNoKey(error?.message, error?.stack);
    return error;
  };
  const wrong = `${key}-wrong`;
  const at = (port: number) => `rtmp://127.0.0.1:${port}/keyed`;
  expect(await refused({ rtmp_url: at(server.port), rtmp_key: wrong })).toMatchObject({ code: "rtmp_refused" });
  expect(await refused({ rtmp_url: at(await freePort()), rtmp_key: key })).toMatchObject({ code: "rtmp_unreachable" });
  const plain = { rtmp_url: `rtmps://127.0.0.1:${server.port}/keyed`, rtmp_key: key };
  expect(await refused(plain)).toMatchObject({ code: "rtmp_tls_failed" });
});
