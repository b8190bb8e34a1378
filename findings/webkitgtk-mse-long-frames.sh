#!/usr/bin/env bash
# A page hands fragmented MP4 of 30 frames a second to Media Source Extensions, in which one frame
# lasts 100 ms, as a page that is captured on a busy computer gives them.
# Expected: all of it is buffered, from the first frame to the end of the last.
# What happens: WebKitGTK goes by the frame rate in the SPS instead of the durations in the trun box:
# it keeps 33 ms of the long frame, takes the next one for a discontinuity, and drops everything up to
# the next keyframe. One of 67 ms is kept whole.
# Why it matters: players wait at the gap, or leap over up to a group of pictures.
# Source: W3C MSE, 3.5.8 coded frame processing (the difference of decode timestamps is compared with
# twice the last frame's duration, which the trun box says); ISO/IEC 14496-12, 8.8.8.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v WebKitWebDriver >/dev/null || { apt-get update -qq && apt-get install -y -qq webkit2gtk-driver >/dev/null; }
command -v Xvfb >/dev/null || { apt-get update -qq && apt-get install -y -qq xvfb >/dev/null; }
command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }

# 3 s with a keyframe a second; from 1.3 s on frames are missing, so that the one before lasts longer.
make() { # file, number of the first frame that is there again
  timeout 60 ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x240:r=30:d=3 \
    -vf "select='not(between(n,40,$2-1))'" -fps_mode vfr -c:v libx264 -profile:v baseline -level 3 \
    -bf 0 -force_key_frames "expr:gte(t,n_forced)" -pix_fmt yuv420p -video_track_timescale 90000 \
    -movflags empty_moov+default_base_moof+frag_keyframe -f mp4 "$1"
}
make short.mp4 41 # 67 ms
make long.mp4 42  # 100 ms

cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const server = createServer((request, response) => {
  const name = new URL(request.url, "http://x").pathname.slice(1);
  response.setHeader("content-type", name === "" ? "text/html" : "video/mp4");
  response.end(name.endsWith(".mp4") ? readFileSync(name) : "<!doctype html><video muted></video>");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "640x360x24", "-nolisten", "tcp"], {
  stdio: ["ignore", "ignore", "ignore", "pipe"],
});
const [number] = await once(screen.stdio[3], "data");
const port = 20000 + (process.pid % 20000);
const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
  stdio: "ignore",
  env: {
    ...process.env,
    DISPLAY: `:${String(number).trim()}`,
    HOME: process.cwd(),
    GDK_BACKEND: "x11",
    LIBGL_ALWAYS_SOFTWARE: "1",
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
  },
});
process.on("exit", () => [driver, screen].forEach((child) => child.kill()));
const send = async (method, path, body) => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...{ method, signal: AbortSignal.timeout(30_000) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await answer.json()).value;
};
for (let tries = 0; tries < 50; tries++) {
  if (await send("GET", "/status").catch(() => null)) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const binary = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const options = { "webkitgtk:browserOptions": { binary, args: ["--automation"] } };
const { sessionId, capabilities } = await send("POST", "/session", { capabilities: { alwaysMatch: options } });
const at = `/session/${sessionId}`;
await send("POST", `${at}/url`, { url: `http://127.0.0.1:${server.address().port}/` });
const script = `
  const [name, done] = arguments;
  (async () => {
    const source = new MediaSource();
    document.querySelector("video").src = URL.createObjectURL(source);
    await new Promise((resolve) => { source.onsourceopen = resolve; });
    const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.42c01e"');
    buffer.appendBuffer(await (await fetch(name)).arrayBuffer());
    await new Promise((resolve) => { buffer.onupdateend = resolve; });
    const ranges = [];
    for (let i = 0; i < buffer.buffered.length; i++)
      ranges.push(buffer.buffered.start(i).toFixed(2) + "-" + buffer.buffered.end(i).toFixed(2));
    done(ranges.join(" "));
  })().catch((error) => done(String(error)));`;
const seen = {};
for (const name of ["short.mp4", "long.mp4"]) {
  seen[name] = await send("POST", `${at}/execute/async`, { script, args: [name] });
}
await send("DELETE", at).catch(() => {});
server.closeAllConnections();
server.close();
console.log(`versions: WebKitGTK ${capabilities.browserVersion}`);
console.log('expected: {"short.mp4":"0.00-3.00","long.mp4":"0.00-3.00"}');
console.log(`seen:     ${JSON.stringify(seen)}`);
const same = JSON.stringify(seen) === '{"short.mp4":"0.00-3.00","long.mp4":"0.00-1.33 2.00-3.00"}';
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exit(same ? 0 : 1);
JS
timeout 90 node probe.mjs
