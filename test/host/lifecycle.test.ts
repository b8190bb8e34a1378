// The host as a process: its start, its greeting, and above all its end. Nothing may stay behind.
import { existsSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { HostProcess, type HostProcessOptions } from "./harness/host-process.ts";
import { childrenOf, runs, until } from "./harness/processes.ts";
import { Publisher, type PublisherOptions } from "./harness/publisher.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function host(options: HostProcessOptions = {}): HostProcess {
  const started = new HostProcess(options);
  closers.push(() => started.close());
  return started;
}

async function publish(to: HostProcess, options: PublisherOptions = {}): Promise<Publisher> {
  const publisher = await Publisher.open(to, options);
  closers.push(() => publisher.abandon());
  return publisher;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    setTimeout(() => socket.destroy(), 500);
  });
}

describe("hello", () => {
  test("is answered with what the host is, and leaves a control file for the user alone", async () => {
    const h = host();
    const info = await h.hello();
    expect(info).toMatchObject({ protocol_version: PROTOCOL_VERSION, pid: h.pid });
    expect(info.ffmpeg?.version).toMatch(/\d/);
    expect(existsSync(info.log_file)).toBe(true);
    expect(h.control_file).toMatchObject({ pid: h.pid, port: info.port });
    expect(h.control_file?.token.length).toBeGreaterThanOrEqual(22);
    expect(statSync(join(h.state_dir, "hosts", `${h.pid}.json`)).mode & 0o777).toBe(0o600);
    expect(statSync(h.state_dir).mode & 0o777).toBe(0o700);
    expect((await h.hello()).session_id).toBe(info.session_id);
  });

  test("of another protocol version says which side to update", async () => {
    const h = host();
    await expect(h.hello(null, PROTOCOL_VERSION + 1)).rejects.toMatchObject({
      code: "version_mismatch",
      details: { older: "host", newer: "extension" },
    });
    await expect(h.hello(null, PROTOCOL_VERSION - 1)).rejects.toMatchObject({ details: { older: "extension" } });
    expect((await h.hello()).pid).toBe(h.pid); // it still listens
  });

  test("must come first", async () => {
    const h = host();
    await expect(h.peer.call("waitUntilPlayable", { stream_id: "a", marks: [] })).rejects.toMatchObject({
      code: "invalid_message",
    });
  });

  test("listens on the preferred port as soon as the dying host has left it", async () => {
    const [old, young] = [host(), host()];
    const { port } = await old.hello();
    const hello = young.hello(port);
    await until("the young one to find it taken", () => young.log.includes("extension 0.0.0"));
    old.hangUp();
    expect((await hello).port).toBe(port);
  });

  test("takes another port when the preferred one stays taken", async () => {
    const [one, other] = [host(), host()];
    const { port } = await one.hello();
    expect((await other.hello(port)).port).not.toBe(port);
  });

  test("clears the control files of hosts that died", async () => {
    const first = host();
    await first.hello();
    first.kill("SIGKILL");
    await first.ended();
    expect(first.control_file).not.toBeNull();
    const second = host({ state_dir: first.state_dir });
    await second.hello();
    expect(first.control_file).toBeNull();
  });
});

describe("the end", () => {
  test.each(["EOF", "SIGTERM", "SIGINT"] as const)("by %s leaves nothing behind", async (way) => {
    const h = host();
    const { port } = await h.hello();
    const p = await publish(h);
    await p.playable();
    const [ffmpeg] = childrenOf(h.pid);
    expect(runs(ffmpeg as number)).toBe(true);
    if (way === "EOF") h.hangUp();
    else h.kill(way);
    expect(await h.ended(2_000)).toBe(0);
    expect(runs(ffmpeg as number)).toBe(false);
    expect(await accepts(port)).toBe(false);
    expect(h.control_file).toBeNull();
  });

  test("by EOF does not wait for an FFmpeg that ignores everything", async () => {
    const fake = join(import.meta.dirname, "../fixtures/ffmpeg/fake-ffmpeg.mjs");
    const h = host({ env: { FLYBROWSER_FFMPEG: fake, FAKE_FFMPEG: "hangs" } });
    await h.hello();
    await publish(h);
    const [ffmpeg] = await until("its FFmpeg", () => {
      const children = childrenOf(h.pid);
      return children.length > 0 && children;
    });
    h.hangUp();
    await h.ended(2_000);
    await until("its FFmpeg to be gone", () => !runs(ffmpeg as number), 1_000);
  });

  test.each([
    ["a length of zero", Buffer.from([0, 0, 0, 0]), "length of 0 bytes"],
    ["a length beyond the limit", Buffer.from([0xff, 0xff, 0xff, 0xff]), "length of 4294967295 bytes"],
    ["bytes that are no JSON", Buffer.from([3, 0, 0, 0, 0x7b, 0x7b, 0x7b]), "is not JSON"],
  ])("comes, with a word in the log, after %s", async (_name, bytes, words) => {
    const h = host();
    await h.hello();
    h.writeRaw(bytes);
    expect(await h.ended()).toBe(0);
    expect(h.log).toContain(words);
  });

  test("does not come from a message of no known form", async () => {
    const h = host();
    await h.hello();
    const json = Buffer.from('{"kind":"event","event":"nonsense","params":{}}');
    h.writeRaw(Buffer.concat([Buffer.from([json.length, 0, 0, 0]), json]));
    await until("a word in the log", () => h.log.includes("there is no such event"));
    expect((await h.hello()).pid).toBe(h.pid);
  });
});

describe("openStream", () => {
  test.each([
    [{ protocol: "dash", codec: "h265" }, "Use codec h264"],
    [{ codec: "h264", quality: "lossless" }, "Use quality high"],
  ] as const)("refuses %o where no encoder works, and says what does", async (options, fix) => {
    const h = host({ env: { FLYBROWSER_ENCODER: "hardware" } }); // there is none where tests run
    await h.hello();
    await expect(Publisher.open(h, { options })).rejects.toMatchObject({
      code: "unsupported_combination",
      fix: expect.stringContaining(fix),
    });
  });

  test("keeps the RTMP key out of log and error", async () => {
    const h = host({ env: { FLYBROWSER_LOG_LEVEL: "trace" } });
    await h.hello();
    const options = { protocol: "rtmp", rtmp_url: "rtmp://127.0.0.1:9/live", rtmp_key: "s3cr3t-key" } as const;
    const publisher = await publish(h, { options });
    const error: Error = await publisher.playable().then(
      () => expect.unreachable(),
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: "rtmp_unreachable" });
    expect(JSON.stringify(error) + error.message + h.log).not.toContain("s3cr3t-key");
  });

  test("without FFmpeg says where it was looked for, and finds one that comes later", async () => {
    const state_dir = host().state_dir;
    const path = join(state_dir, "ffmpeg-comes-later");
    const h = host({ env: { FLYBROWSER_FFMPEG: path } });
    expect((await h.hello()).ffmpeg).toBeNull();
    await expect(Publisher.open(h)).rejects.toMatchObject({
      code: "ffmpeg_not_found",
      message: expect.stringContaining("there is no such program"),
    });
    writeFileSync(path, '#!/bin/sh\nexec ffmpeg "$@"\n', { mode: 0o700 });
    await (await publish(h)).playable();
  });
});
