// The relay with real connections on both sides, without a browser: what its viewers get, and what it asks the source for.
import * as library from "node-datachannel";
import { afterEach, expect, test } from "vitest";
import { RelayInputs } from "../../native-host/sinks/relay/relay-inputs.ts";
import { RelaySource } from "../../native-host/sinks/relay/relay-source.ts";
import { negativeAcknowledgement, readRtcp } from "../../native-host/sinks/relay/rtcp.ts";
import { isRtcp, type RtpPacket, readRtp } from "../../native-host/sinks/relay/rtp.ts";
import { INPUT_ACCEPTED, INPUT_CHANNEL, MAX_INPUT_BYTES } from "../../protocol/control-messages.ts";
import { paced } from "../fixtures/pace.ts";
import { packet } from "../unit/native-host/sinks/relay/packets.ts";

const { Audio, PeerConnection, Video } = library;
const FORMAT = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
const SSRC = 1_234;

const cleanUp: (() => void)[] = [];
/** The library's tracks live as long as these. */
const tracks: library.Track[] = [];
afterEach(() => {
  for (const each of cleanUp.splice(0).reverse()) each();
  tracks.length = 0;
});

/**
 * One side's connection with its offer; `direction`: what it does with the video. The offer names no candidates, so that this side
 * finds the relay: libdatachannel gives a connection up that is found before it has taken the whole answer.
 */
async function offerer(direction: "SendOnly" | "RecvOnly", onMessage: (data: Buffer) => void, label?: string) {
  const peer = new PeerConnection("peer", { iceServers: [], disableAutoNegotiation: true, bindAddress: "127.0.0.1" });
  cleanUp.push(() => peer.close());
  const video = new Video("0", direction);
  video.addVideoCodec(102, "H264", FORMAT);
  if (direction === "SendOnly") video.addSSRC(SSRC, "name", "stream", "video");
  const audio = new Audio("1", direction);
  audio.addOpusCodec(111);
  const track = peer.addTrack(video);
  const sound = peer.addTrack(audio);
  tracks.push(track, sound);
  const channel = label === undefined ? undefined : peer.createDataChannel(label);
  let ended = false;
  channel?.onClosed(() => {
    ended = true;
  });
  track.onMessage(onMessage);
  const gathered = new Promise<void>((resolve) => {
    peer.onGatheringStateChange((state) => state === "complete" && resolve());
  });
  peer.setLocalDescription("offer");
  await gathered;
  const offer = (peer.localDescription()?.sdp ?? "").replace(/^a=(candidate:.*|end-of-candidates)\r?\n/gm, "");
  return { peer, track, sound, channel, ended: () => ended, offer };
}

/** A source that sends a keyframe whenever it is asked, and else thirty packets a second. */
async function source(
  onInput: (channel: library.DataChannel) => void = () => {},
): Promise<{ relay: RelaySource; asked: () => number }> {
  let asked = 0;
  let wanted = false;
  let sequence = 65_500;
  const { peer, track, offer } = await offerer("SendOnly", (data) => {
    const pictures = isRtcp(data) ? readRtcp(data).keyframes.length : 0;
    asked += pictures;
    if (pictures > 0) wanted = true;
  });
  const relay = new RelaySource({
    ...{ library, stream_id: "stream", video_bitrate: 1_500_000, overloaded: () => false },
    ...{ onChannel: () => {}, onViewerClosed: () => {}, onInput, onClosed: () => {} },
  });
  cleanUp.push(() => relay.close("the test ends"));
  peer.setRemoteDescription(await relay.answer(offer), "answer");
  await expect.poll(() => track.isOpen(), { timeout: paced(10_000) }).toBe(true);
  const timer = setInterval(() => {
    const payload = [wanted ? 0x67 : 0x41, 1, 2, 3];
    wanted = false;
    track.sendMessageBinary(packet({ sequence: sequence++, ssrc: SSRC, marker: true, payload }));
  }, 33);
  cleanUp.push(() => clearInterval(timer));
  return { relay, asked: () => asked };
}

/** `label`: of a data channel that it offers. */
async function viewer(relay: RelaySource, viewer_id: string, label?: string) {
  const got: RtpPacket[] = [];
  const take = (data: Buffer) => {
    const read = isRtcp(data) ? null : readRtp(Buffer.from(data));
    if (read) got.push(read);
  };
  const { offer, ...made } = await offerer("RecvOnly", take, label);
  const answer = await relay.openViewer({ viewer_id, offer, ice_servers: [], address: "127.0.0.1" });
  made.peer.setRemoteDescription(answer ?? "", "answer");
  return { ...made, got };
}

test("eight who join together get their keyframe by one request or two, and nothing before it", async () => {
  const { relay, asked } = await source();
  const viewers = await Promise.all(Array.from({ length: 8 }, (_, index) => viewer(relay, `viewer_${index}`)));
  for (const { got } of viewers) {
    await expect.poll(() => got.length, { timeout: paced(10_000) }).toBeGreaterThan(40);
    expect(got[0]?.begins_group).toBe(true);
    const numbers = got.map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, index) => ((numbers[0] ?? 0) + index) & 0xffff));
  }
  expect(asked()).toBeGreaterThan(0);
  expect(asked()).toBeLessThanOrEqual(4); // their connections don't come about in the same moment
  expect(relay.viewer_count).toBe(8);
});

test("what a viewer misses is sent again, found by the viewer's own number; what never was isn't", async () => {
  const { relay } = await source();
  const one = await viewer(relay, "one");
  await expect.poll(() => one.got.length, { timeout: paced(10_000) }).toBeGreaterThan(5);
  const [, missed] = one.got;
  if (!missed) throw new Error("nothing came");
  const ask = (sequence: number) =>
    one.track.sendMessageBinary(negativeAcknowledgement(1, missed.ssrc, sequence & 0xffff, 1));
  ask(missed.sequence - 500);
  ask(missed.sequence);
  await expect.poll(() => relay.counts.packets_again).toBe(1); // its copy is dropped by SRTP, as it had come
});

test("an offer without H.264 is none of the relay's, and a viewer that is ended is gone", async () => {
  const { relay } = await source();
  const { offer } = await offerer("RecvOnly", () => {});
  const request = { viewer_id: "vp8", offer: offer.replaceAll("H264", "VP8"), ice_servers: [], address: null };
  expect(await relay.openViewer(request)).toBeNull();
  await viewer(relay, "one");
  expect(relay.viewer_count).toBe(1);
  relay.closeViewer("one");
  relay.closeViewer("one");
  expect(relay.viewer_count).toBe(0);
});

test("a viewer's channel takes input by a ticket, and the next one in its place; a channel of another name is closed", async () => {
  const told: string[] = [];
  const inputs = new RelayInputs((ticket, text) => told.push(`${ticket}: ${text}`));
  const { relay } = await source((channel) => inputs.serve("stream", channel));
  const stranger = await viewer(relay, "stranger", "relay");
  await expect.poll(() => stranger.ended(), { timeout: paced(10_000) }).toBe(true);

  const { peer, channel, got } = await viewer(relay, "one", INPUT_CHANNEL);
  if (!channel) throw new Error("it has none");
  const heard: string[] = [];
  channel.onMessage((text) => heard.push(String(text)));
  await expect.poll(() => channel.isOpen(), { timeout: paced(10_000) }).toBe(true);
  inputs.open("stream", "first");
  channel.sendMessage("first");
  await expect.poll(() => heard).toEqual([INPUT_ACCEPTED]);
  channel.sendMessage("x".repeat(MAX_INPUT_BYTES));
  await expect.poll(() => told.map(({ length }) => length)).toEqual([MAX_INPUT_BYTES + 7]);

  const next = peer.createDataChannel(INPUT_CHANNEL); // no offer is made for it
  await expect.poll(() => next.isOpen(), { timeout: paced(10_000) }).toBe(true);
  inputs.open("stream", "second");
  next.sendMessage("second");
  next.sendMessage("by the next");
  await expect.poll(() => told.at(-1)).toBe("second: by the next");
  await expect.poll(() => channel.isOpen()).toBe(false);
  inputs.close("second");
  await expect.poll(() => next.isOpen()).toBe(false);
  await expect.poll(() => got.length, { timeout: paced(10_000) }).toBeGreaterThan(0); // the video goes on beside it
});
