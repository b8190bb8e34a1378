#!/usr/bin/env bash
# Chromium offers video in two sizes at once (simulcast, sendEncodings with rid hi and lo), as a
# WHIP publisher does; node-datachannel, with its automatic answer, receives.
# Expected: the answer says "recv" for both (a=rid:hi recv, a=simulcast:recv hi;lo), or nothing of
# simulcast, in which case Chromium sends one size.
# What happens: node-datachannel copies the offer's lines as they are, "send" in an answer
# that is recvonly. Chromium connects and sends nothing at all, without an error. With those lines
# taken out of the answer it sends one size.
# Why it matters: a publisher that offers simulcast looks connected and live, and no frame ever
# comes; whoever answers through node-datachannel has to take the lines out, or turn them round.
# Source: RFC 8853, section 5.3.2 (answer: directions are reversed); RFC 8851, section 6.3.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
npm init -y >/dev/null
timeout 180 npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 node-datachannel@0.33.4

cat >probe.mjs <<'JS'
import { createServer } from "node:http";
import nodeDataChannel from "node-datachannel";
import { chromium } from "playwright-core";

// A page of its own on loopback, in headless Chromium; files by name.
async function inPage(files, run) {
  const server = createServer((request, response) => {
    const name = new URL(request.url, "http://x").pathname.slice(1);
    const body = name === "" ? "<!doctype html>" : files[name];
    if (name === "") response.setHeader("content-type", "text/html");
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--autoplay-policy=no-user-gesture-required"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await run(page, browser.version());
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

const makeOffer = async () => {
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 480;
  const context = canvas.getContext("2d");
  let frame = 0;
  setInterval(() => {
    context.fillStyle = `hsl(${frame++ * 7} 90% 50%)`;
    context.fillRect(0, 0, 640, 480);
  }, 33);
  const stream = canvas.captureStream(30);
  globalThis.connection = new RTCPeerConnection();
  connection.addTransceiver(stream.getVideoTracks()[0], {
    direction: "sendonly", streams: [stream],
    sendEncodings: [{ rid: "hi" }, { rid: "lo", scaleResolutionDownBy: 2 }],
  });
  const gathered = new Promise((resolve) => {
    connection.onicegatheringstatechange = () => connection.iceGatheringState === "complete" && resolve();
  });
  await connection.setLocalDescription();
  await gathered;
  return connection.localDescription.sdp;
};
const takeAnswer = async (sdp) => {
  try {
    await connection.setRemoteDescription({ type: "answer", sdp });
  } catch (error) {
    return `refused: ${error.message}`;
  }
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const encodings = connection.getSenders()[0].getParameters().encodings.map((encoding) => encoding.rid ?? "one");
  const stats = [...(await connection.getStats()).values()].filter((entry) => entry.type === "outbound-rtp");
  return `${connection.connectionState}, encodings ${encodings.join(" ")}, sending ${stats.filter((entry) => entry.framesSent > 0).map((entry) => entry.rid ?? "one").join(" ") || "nothing"}`;
};
const about = /^a=(rid:|simulcast:)/;
const publish = (change) => inPage({}, async (page, version) => {
  const offer = await page.evaluate(makeOffer);
  const receiver = new nodeDataChannel.PeerConnection("receiver", { iceServers: [], disableAutoNegotiation: true });
  const tracks = [];
  receiver.onTrack((track) => {
    tracks.push(track);
    track.onMessage(() => {});
  });
  const answered = new Promise((resolve) =>
    receiver.onGatheringStateChange((state) => state === "complete" && resolve(receiver.localDescription().sdp)));
  receiver.setRemoteDescription(offer, "offer");
  receiver.setLocalDescription("answer");
  const answer = change((await answered).split(/\r?\n/));
  const outcome = await page.evaluate(takeAnswer, answer.join("\r\n"));
  receiver.close();
  return [answer.filter((line) => about.test(line)), outcome, version];
});
const [lines, outcome, version] = await publish((answer) => answer);
const [, without] = await publish((answer) => answer.filter((line) => !about.test(line)));
console.log(`versions: Chromium ${version}, node-datachannel 0.33.4`);
console.log("expected: a=rid:hi recv, a=rid:lo recv, a=simulcast:recv hi;lo");
console.log(`seen:     ${lines.join(", ")}`);
console.log(`Chromium: ${outcome}`);
console.log(`Chromium without these lines: ${without}`);
const same = lines.join() === "a=rid:hi send,a=rid:lo send,a=simulcast:send hi;lo" &&
  outcome.includes("connected") && outcome.includes("sending nothing") && !without.includes("sending nothing");
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exit(same ? 0 : 1);
JS
timeout 90 node probe.mjs
