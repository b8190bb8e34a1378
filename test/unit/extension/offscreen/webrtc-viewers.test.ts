// The viewers of one capture with a connection and tracks that this test plays; the real ones are met end to end.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebRtcViewers } from "../../../../extension/offscreen/webrtc-viewers.ts";
import type { Viewer } from "../../../../protocol/native-messages.ts";

const REQUEST = { video_bitrate: 1_500_000, audio_bitrate: 64_000, frame_rate: 30 };
const OFFER = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 108\r\na=rtpmap:108 H264/90000\r\n";
const NO_SERVERS = { ice_servers: [] };
const viewer = (viewer_id: string): Viewer => ({ viewer_id, client: "c" });

class FakeTrack {
  readonly kind: string;
  readyState = "live";
  contentHint = "";
  readonly clones: FakeTrack[] = [];

  constructor(kind: string) {
    this.kind = kind;
  }

  clone(): FakeTrack {
    const clone = new FakeTrack(this.kind);
    this.clones.push(clone);
    return clone;
  }

  stop(): void {
    this.readyState = "ended";
  }
}

class FakeTransport extends EventTarget {
  state = "new";
}

class FakeSender {
  readonly transport = new FakeTransport();
  track: FakeTrack | null = null;
  streams: unknown[] = [];
  parameters: { encodings: object[]; degradationPreference?: string } = { encodings: [{}] };
  async replaceTrack(track: FakeTrack): Promise<void> {
    this.track = track;
  }
  setStreams(...streams: unknown[]): void {
    this.streams = streams;
  }
  getParameters() {
    return structuredClone(this.parameters);
  }
  async setParameters(parameters: FakeSender["parameters"]): Promise<void> {
    this.parameters = parameters;
  }
}

class FakeConnection extends EventTarget {
  static readonly all: FakeConnection[] = [];
  static wantsVideo = true;
  static gathers = true;
  readonly configuration: RTCConfiguration;
  readonly transceivers = ["audio", "video"].map((kind) => ({
    receiver: { track: { kind } },
    sender: new FakeSender(),
    direction: "recvonly",
    currentDirection: null as string | null,
  }));
  readonly candidates: unknown[] = [];
  connectionState = "new";
  iceGatheringState = "new";
  localDescription: { sdp: string } | null = null;
  remote = "";

  constructor(configuration: RTCConfiguration) {
    super();
    this.configuration = configuration;
    FakeConnection.all.push(this);
  }

  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    if (!sdp.startsWith("v=0")) throw new Error("no SDP");
    this.remote = sdp;
  }
  getTransceivers() {
    return this.transceivers;
  }
  getSenders() {
    return this.transceivers.map(({ sender }) => sender);
  }
  async createAnswer() {
    return { type: "answer", sdp: "answer" };
  }
  async setLocalDescription(): Promise<void> {
    this.localDescription = { sdp: "answer" };
    for (const one of this.transceivers) {
      const wanted = one.receiver.track.kind !== "video" || FakeConnection.wantsVideo;
      one.currentDirection = wanted ? one.direction : "inactive";
    }
    if (FakeConnection.gathers) this.iceGatheringState = "complete";
  }
  async addIceCandidate(candidate: unknown): Promise<void> {
    if (candidate === "bad") throw new Error("bad");
    this.candidates.push(candidate);
  }
  become(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
  close(): void {
    this.connectionState = "closed";
  }
}

let video: FakeTrack;
let audio: FakeTrack;
let told: string[][];
let viewers: WebRtcViewers;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", FakeConnection);
  vi.stubGlobal("MediaStream", class {});
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  FakeConnection.all.length = 0;
  FakeConnection.wantsVideo = true;
  FakeConnection.gathers = true;
  video = new FakeTrack("video");
  audio = new FakeTrack("audio");
  told = [];
  viewers = new WebRtcViewers({
    stream: { getVideoTracks: () => [video], getAudioTracks: () => [audio] } as unknown as MediaStream,
    request: REQUEST,
    matrix: () => "bt709",
    onChange: (list) => told.push(list.map(({ viewer_id }) => viewer_id)),
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const latest = (): FakeConnection => FakeConnection.all.at(-1) as FakeConnection;
const senders = () => latest().getSenders();

describe("WebRtcViewers", () => {
  it("sends the capture's sound and a copy of its picture, within the limits of the profile", async () => {
    const servers = [{ urls: "stun:s" }];
    expect(await viewers.open(viewer("a"), OFFER, { ice_servers: servers })).toBe("answer");
    expect(latest().configuration.iceServers).toEqual(servers);
    expect(latest().remote).toContain("x-google-start-bitrate=1500");
    const [sound, picture] = senders();
    expect(sound?.track).toBe(audio);
    expect(picture?.track).toBe(video.clones[0]);
    expect(picture?.track?.contentHint).toBe("motion");
    expect(video.contentHint).toBe("");
    expect(picture?.streams).toHaveLength(1);
    expect(picture?.streams[0]).toBe(sound?.streams[0]);
    expect(picture?.parameters).toEqual({
      encodings: [{ maxBitrate: 1_500_000, maxFramerate: 30 }],
      degradationPreference: "maintain-resolution",
    });
    expect(sound?.parameters.encodings).toEqual([{ maxBitrate: 64_000 }]);
  });

  it("answers in bounded time when candidates don't come", async () => {
    FakeConnection.gathers = false;
    const answer = viewers.open(viewer("a"), OFFER, NO_SERVERS);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await answer).toBe("answer");
  });

  it("makes one copy of the picture for all, stops it with the last, and never touches the capture", async () => {
    await viewers.open(viewer("a"), OFFER, NO_SERVERS);
    await viewers.open(viewer("b"), OFFER, NO_SERVERS);
    expect(video.clones.length).toBe(1);
    viewers.close("a");
    expect(video.clones[0]?.readyState).toBe("live");
    viewers.close("b");
    viewers.close("b");
    expect(video.clones[0]?.readyState).toBe("ended");
    expect([video.readyState, audio.readyState]).toEqual(["live", "live"]);
    expect(told).toEqual([["a"], ["a", "b"], ["b"], []]);
    expect(FakeConnection.all.map(({ connectionState }) => connectionState)).toEqual(["closed", "closed"]);
  });

  it("lets go of who never connects, fails, or is away for 5 s", async () => {
    await viewers.open(viewer("never"), OFFER, NO_SERVERS);
    await viewers.open(viewer("failed"), OFFER, NO_SERVERS);
    latest().become("connected");
    latest().become("failed");
    await viewers.open(viewer("away"), OFFER, NO_SERVERS);
    latest().become("connected");
    latest().become("disconnected");
    await vi.advanceTimersByTimeAsync(4_900);
    expect(viewers.list.map(({ viewer_id }) => viewer_id)).toEqual(["never", "away"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(viewers.list.map(({ viewer_id }) => viewer_id)).toEqual(["never"]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(viewers.list).toEqual([]);
  });

  it("lets go at once of who closes its side", async () => {
    await viewers.open(viewer("a"), OFFER, NO_SERVERS);
    latest().become("connected");
    const transport = senders()[0]?.transport as FakeTransport;
    transport.state = "closed";
    transport.dispatchEvent(new Event("statechange"));
    expect(viewers.list).toEqual([]);
  });

  it("keeps who was away for a moment", async () => {
    await viewers.open(viewer("a"), OFFER, NO_SERVERS);
    latest().become("connected");
    latest().become("disconnected");
    await vi.advanceTimersByTimeAsync(3_000);
    latest().become("connected");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(viewers.list.length).toBe(1);
  });

  it("refuses an offer that Chrome can't read, or that takes no video, and keeps nothing of it", async () => {
    await expect(viewers.open(viewer("a"), "nonsense", NO_SERVERS)).rejects.toMatchObject({
      code: "webrtc_offer_invalid",
    });
    FakeConnection.wantsVideo = false;
    await expect(viewers.open(viewer("b"), OFFER, NO_SERVERS)).rejects.toMatchObject({ code: "webrtc_offer_invalid" });
    expect(viewers.list).toEqual([]);
    expect(video.clones.every(({ readyState }) => readyState === "ended")).toBe(true);
  });

  it("takes late candidates, and survives bad ones", async () => {
    await viewers.open(viewer("a"), OFFER, NO_SERVERS);
    await viewers.addCandidates("a", ["bad", "good"] as never);
    await viewers.addCandidates("nobody", ["good"] as never);
    expect(latest().candidates).toEqual(["good"]);
  });

  it("ends all with the stream, and lets nobody in afterwards", async () => {
    await viewers.open(viewer("a"), OFFER, NO_SERVERS);
    viewers.end();
    expect(told.at(-1)).toEqual([]);
    await expect(viewers.open(viewer("b"), OFFER, NO_SERVERS)).rejects.toMatchObject({ code: "no_active_stream" });
  });
});
