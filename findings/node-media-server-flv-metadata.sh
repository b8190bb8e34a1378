#!/usr/bin/env bash
# FFmpeg publishes to node-media-server by RTMP; a viewer takes the same stream as HTTP-FLV.
# Expected: the FLV's first tag is onMetaData with size, rate and encoder.
# What happens: the RTMP command is passed on as it came: the tag begins with "@setDataFrame", which
# is for servers and no part of FLV. By RTMP the metadata comes through all the same.
# Why it matters: players of HTTP-FLV and of its recordings find no metadata: no frame rate or size
# before the first picture. FFmpeg shows a data stream of unknown kind instead.
# Source: Adobe Flash Video File Format Specification 10.1, E.5 (onMetaData); Adobe Media Server
# documentation, @setDataFrame (a command to the server).
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
const input = "-f lavfi -i testsrc2=s=160x120:r=25 -c:v libx264 -preset ultrafast -g 25";
const publisher = spawn("ffmpeg", `-nostdin -v error -re ${input} -t 40 -f flv rtmp://127.0.0.1:${rtmp}/live/one`.split(" "), { stdio: "ignore" });
let flv = Buffer.alloc(0);
for (let round = 0; round < 10 && flv.length < 400; round++) {
  await pause(500);
  flv = await begin();
}
publisher.kill("SIGKILL");
server.kill("SIGKILL");
// Head of 13 bytes, tag's head of 11, then an AMF0 string: its type, its length, its text.
const first = { type: flv[13], name: flv.toString("latin1", 27, 27 + flv.readUInt16BE(25)) };
console.log("expected: tag 18 (script data), onMetaData");
console.log(`seen:     tag ${first.type}, ${first.name}`);
const same = first.type === 18 && first.name === "@setDataFrame";
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 90 node probe.mjs
