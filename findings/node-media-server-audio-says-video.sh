#!/usr/bin/env bash
# FFmpeg publishes sound alone to node-media-server by RTMP; a viewer takes it as HTTP-FLV.
# Expected: the FLV's head announces sound and no picture: flags 4.
# What happens: the head is made once for all streams: flags 5, sound and picture.
# Why it matters: who believes the head waits for a picture that never comes: ffprobe looked for it for
# more than 9 s, and 1 s for a stream of sound and picture.
# Source: Adobe Flash Video File Format Specification 10.1, E.2 (TypeFlagsAudio, TypeFlagsVideo).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v ffmpeg >/dev/null || { apt-get update -qq && apt-get install -y -qq ffmpeg >/dev/null; }
npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts node-media-server@4.4.3
echo "versions: node-media-server 4.4.3, $(ffmpeg -version | head -1 | cut -d' ' -f1-3), Node $(node --version)"

cat >server.cjs <<'JS'
const NodeMediaServer = require("node-media-server");
const [rtmp, http] = process.argv.slice(2).map(Number);
const jwt = { secret: "0123456789abcdef0123456789abcdef", expiresIn: "1h", refreshExpiresIn: "1d", algorithm: "HS256", users: [] };
const auth = { play: false, publish: false, secret: "", jwt };
const config = { bind: "127.0.0.1", store: { path: "./data" }, rtmp: { port: rtmp }, http: { port: http }, auth };
new NodeMediaServer(config, "./config.json").run();
JS
cat >probe.mjs <<'JS'
import { spawn } from "node:child_process";
import { get } from "node:http";
import { connect, createServer } from "node:net";

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const [rtmp, http] = [await freePort(), await freePort()];
// The first 2 kB of the stream as HTTP-FLV; less where it isn't there yet.
const begin = () =>
  new Promise((resolve) => {
    const parts = [];
    const request = get(`http://127.0.0.1:${http}/live/one.flv`, (response) => {
      response.on("data", (part) => {
        parts.push(part);
        if (Buffer.concat(parts).length > 2000) request.destroy();
      });
    });
    request.on("error", () => undefined);
    request.on("close", () => resolve(Buffer.concat(parts)));
    setTimeout(() => request.destroy(), 3000);
  });

const server = spawn(process.execPath, ["server.cjs", rtmp, http], { stdio: "ignore" });
const listens = () =>
  new Promise((resolve) => {
    const socket = connect(rtmp, "127.0.0.1", () => resolve(true));
    socket.on("connect", () => socket.destroy());
    socket.on("error", () => resolve(false));
  });
for (let round = 0; round < 100 && !(await listens()); round++) await pause(200);
const input = "-f lavfi -i sine=r=48000 -c:a aac";
const publisher = spawn("ffmpeg", `-nostdin -v error -re ${input} -t 40 -f flv rtmp://127.0.0.1:${rtmp}/live/one`.split(" "), { stdio: "ignore" });
let flv = Buffer.alloc(0);
for (let round = 0; round < 10 && flv.length < 400; round++) {
  await pause(500);
  flv = await begin();
}
publisher.kill("SIGKILL");
server.kill("SIGKILL");
// Tags: 11 bytes of head with type and size, the data, 4 bytes with the size of both.
const types = new Set();
for (let at = 13; at + 11 < flv.length; at += 15 + flv.readUIntBE(at + 1, 3)) types.add(flv[at]);
console.log("expected: flags 4, tags 18 (script data) and 8 (sound)");
console.log(`seen:     flags ${flv[4]}, tags ${[...types].join(" and ")}`);
const same = flv[4] === 5 && types.has(8) && !types.has(9);
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
