// WebRTC viewers that receive without decoding, in a process of their own: `receivers.ts WHEP_URL COUNT`. Says `ready` once all of them get
// video, and ends when its input does.
import { Audio, PeerConnection, RtcpReceivingSession, Video } from "node-datachannel";

/** ms in which a viewer must have its first packet. */
const FIRST_PACKET = 20_000;

const [, , whepUrl = "", count = "0"] = process.argv;

/** Opens one; resolves with its connection when video comes. */
async function receive(): Promise<unknown> {
  const peer = new PeerConnection("receiver", { iceServers: [], disableAutoNegotiation: true });
  const video = new Video("0", "RecvOnly");
  video.addH264Codec(102, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");
  const audio = new Audio("1", "RecvOnly");
  audio.addOpusCodec(111);
  const tracks = [peer.addTrack(video), peer.addTrack(audio)];
  for (const track of tracks) track.setMediaHandler(new RtcpReceivingSession());
  const gathered = new Promise<void>((resolve) => {
    peer.onGatheringStateChange((state) => state === "complete" && resolve());
  });
  peer.setLocalDescription("offer");
  await gathered;
  const body = peer.localDescription()?.sdp ?? "";
  const answer = await fetch(whepUrl, { method: "POST", headers: { "content-type": "application/sdp" }, body });
  if (answer.status !== 201) throw new Error(`refused: ${answer.status} ${await answer.text()}`);
  const first = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("a receiver got no video")), FIRST_PACKET);
    tracks[0]?.onMessage(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  peer.setRemoteDescription(await answer.text(), "answer");
  await first;
  return { peer, tracks };
}

const kept: unknown[] = [];
try {
  for (let one = 0; one < Number(count); one++) kept.push(await receive());
  process.stdout.write("ready\n");
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
process.stdin.resume();
process.stdin.on("end", () => process.kill(process.pid, "SIGKILL")); // the library's threads needn't say goodbye
