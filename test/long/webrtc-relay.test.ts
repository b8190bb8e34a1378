// The relay of WebRTC viewers under strain: one whose network loses packets, sixteen at once, its own death; and a stream without it.
import { createSocket, type Socket } from "node:dgram";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { StartStreamResult } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { hostOf } from "../e2e/harness/chain.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until as untilWithin } from "../e2e/harness/until.ts";
import { openViewer, untilPlays } from "../e2e/harness/viewer.ts";
import { WhepViewer } from "../e2e/harness/whep-viewer.ts";

const until: typeof untilWithin = (what, look, timeout = 45_000) => untilWithin(what, look, timeout);
const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1_000));

let pages: Pages;
beforeAll(async () => {
  pages = await servePages();
});
afterAll(() => pages.close());

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const each of cleanUp.splice(0).reverse()) await each();
});

async function start(): Promise<{ browser: FlyBrowser; started: StartStreamResult; client: WhepViewer }> {
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  cleanUp.push(() => browser.close());
  await browser.goto(pages.url("pattern.html"));
  const started = await browser.startStream({ quality: "ultra_low_latency" });
  const client = await WhepViewer.open(pages.url("form.html"));
  cleanUp.push(() => client.close());
  return { browser, started, client };
}

/** How many videos the capturing document encodes for viewers. */
async function videoEncodings(browser: FlyBrowser): Promise<number> {
  const target = browser.page
    .browser()
    .targets()
    .find((one) => one.url().endsWith("/offscreen/index.html"));
  const page = await target?.asPage();
  if (!page) throw new Error("there is no capturing document");
  const prototype = await page.evaluateHandle(() => RTCPeerConnection.prototype);
  const all = await page.queryObjects(prototype);
  return all.evaluate(async (connections: RTCPeerConnection[]) => {
    let count = 0;
    for (const connection of connections.filter(({ signalingState }) => signalingState !== "closed")) {
      (await connection.getStats()).forEach(({ type, kind }) => {
        if (type === "outbound-rtp" && kind === "video") count++;
      });
    }
    return count;
  });
}

/** A way to a port of this machine on which each 33rd packet to the viewer is lost. Gives its own port. */
async function lossyWay(port: number): Promise<number> {
  const front = createSocket("udp4");
  const ways = new Map<number, Socket>();
  let count = 0;
  front.on("message", (data, from) => {
    const way = ways.get(from.port) ?? createSocket("udp4");
    if (!ways.has(from.port)) {
      ways.set(from.port, way);
      way.on("message", (answer) => {
        if (++count % 33 !== 0) front.send(answer, from.port, from.address);
      });
    }
    way.send(data, port, "127.0.0.1");
  });
  await new Promise<void>((resolve) => front.bind(0, "127.0.0.1", resolve));
  cleanUp.push(() => {
    for (const socket of [front, ...ways.values()]) socket.close();
  });
  return front.address().port;
}

/** Connects a viewer by such a way; gives its number in the page. */
async function connectLossy(client: WhepViewer, whep_url: string): Promise<number> {
  const offer = await client.page.evaluate(async () => {
    const own = window as unknown as { clients: RTCPeerConnection[] };
    const peer = new RTCPeerConnection();
    const index = own.clients.push(peer) - 1;
    peer.ontrack = ({ track, streams }) => {
      if (track.kind !== "video") return;
      const element = document.createElement("video");
      element.muted = true;
      element.srcObject = streams[0] ?? null;
      document.body.append(element);
      void element.play().catch(() => {});
    };
    for (const kind of ["video", "audio"]) peer.addTransceiver(kind, { direction: "recvonly" });
    await peer.setLocalDescription();
    return { index, sdp: peer.localDescription?.sdp ?? "" };
  });
  const headers = { "Content-Type": "application/sdp" };
  const response = await fetch(whep_url, { method: "POST", headers, body: offer.sdp });
  expect(response.status).toBe(201);
  const answer = await response.text();
  const port = Number(/^a=candidate:\S+ 1 UDP \d+ 127\.0\.0\.1 (\d+)/im.exec(answer)?.[1]);
  const sdp = answer.replaceAll(String(port), String(await lossyWay(port)));
  await client.page.evaluate(
    (index, text) =>
      (window as unknown as { clients: RTCPeerConnection[] }).clients[index]?.setRemoteDescription({
        type: "answer",
        sdp: text,
      }),
    offer.index,
    sdp,
  );
  return offer.index;
}

/** What a viewer's browser says of its video. */
function inbound(client: WhepViewer, index: number): Promise<{ nacks: number; lost: number }> {
  return client.page.evaluate(async (at) => {
    const found = { nacks: 0, lost: 0 };
    const peer = (window as unknown as { clients: RTCPeerConnection[] }).clients[at];
    (await peer?.getStats())?.forEach(({ type, kind, nackCount, packetsLost }) => {
      if (type === "inbound-rtp" && kind === "video") Object.assign(found, { nacks: nackCount, lost: packetsLost });
    });
    return found;
  }, index);
}

test("who loses three packets in a hundred has them sent again, and disturbs nobody", async () => {
  const { started, client } = await start();
  const whep_url = started.whep_url ?? "";
  const { index: well } = await client.connect(whep_url);
  const lossy = await connectLossy(client, whep_url);
  const frames = async (index: number) => (await client.stats(index)).frames;
  await until("pictures at both", async () => (await frames(well)) > 10 && (await frames(lossy)) > 10);
  const before = [await frames(well), await frames(lossy)];
  await seconds(15);
  const [atWell = 0, atLossy = 0] = [(await frames(well)) - (before[0] ?? 0), (await frames(lossy)) - (before[1] ?? 0)];
  expect((await inbound(client, lossy)).nacks).toBeGreaterThan(0);
  expect((await inbound(client, well)).lost).toBe(0);
  expect(atLossy / atWell).toBeGreaterThan(0.8);
});

test("sixteen watch, and one video is encoded", async () => {
  const { browser, started, client } = await start();
  const all = await Promise.all(Array.from({ length: 16 }, () => client.connect(started.whep_url ?? "")));
  expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 201));
  for (const { index } of all) await until("pictures", async () => (await client.stats(index)).frames > 10);
  expect(await videoEncodings(browser)).toBe(1);
});

test("without the relay each has an encoder", async () => {
  vi.stubEnv("FLYBROWSER_WEBRTC_RELAY", "off");
  const { browser, started, client } = await start();
  const all = await Promise.all([client.connect(started.whep_url ?? ""), client.connect(started.whep_url ?? "")]);
  for (const { index } of all) await until("pictures", async () => (await client.stats(index)).frames > 10);
  expect(await videoEncodings(browser)).toBe(2);
});

test("the relay is killed: the player is back by WebRTC, and nobody is counted twice", async () => {
  const { browser, started } = await start();
  const viewer = await openViewer(started.player_url);
  cleanUp.push(() => viewer.close());
  await untilPlays(viewer);
  const host = hostOf(browser.page.browser().process()?.pid ?? 0)?.pid ?? 0;
  const before = relayOf(host);
  expect(before).toBeGreaterThan(0);
  process.kill(before, "SIGKILL");
  await until("another one runs", () => relayOf(host) > 0 && relayOf(host) !== before);
  await untilPlays(viewer);
  expect(await viewer.page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"))).toBe("webrtc");
  await until("one viewer", async () => (await browser.getStreamStatus()).status?.viewer_count === 1);
});

test("where no place is left, our player takes the live engine", async () => {
  vi.stubEnv("FLYBROWSER_WEBRTC_VIEWERS", "1");
  const { started, client } = await start();
  expect((await client.connect(started.whep_url ?? "")).status).toBe(201);
  const viewer = await openViewer(started.player_url);
  cleanUp.push(() => viewer.close());
  await untilPlays(viewer);
  expect(await viewer.page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"))).toBe("live");
});

/** Process id of the relay that a host has started; 0: there is none. */
function relayOf(host: number): number {
  const children = readdirSync("/proc").filter((name) => {
    try {
      const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, "utf8"))?.[1];
      return Number(parent) === host && readFileSync(`/proc/${name}/cmdline`, "utf8").includes("--relay-webrtc");
    } catch {
      return false; // no process, or gone meanwhile
    }
  });
  return Number(children[0] ?? 0);
}
