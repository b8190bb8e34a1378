// What the player is told to view by, and the address of the live engine's socket.
import { describe, expect, it } from "vitest";
import { playerState, type StreamFacts, startResult } from "../../../../native-host/stream/report.ts";
import { parseStartStreamOptions, type StartStreamOptions } from "../../../../protocol/options.ts";

function facts(options: StartStreamOptions, more: Partial<StreamFacts> = {}): StreamFacts {
  return {
    ...{ session_id: "session", state: "active", capture: "running", private: false, place: "here", plan: null },
    ...{ has_audio: true, port: 4321, tab_title: "", whep: true, shared_cache: false, path: "/s/one/token" },
    ...{ started_at: 0, ended_at: null, destinations: [] },
    identity: { stream_id: "one", view_token: "token", started_at: 0, zero: 0, published_at: null, generation: 0 },
    options: parseStartStreamOptions(options),
    sharing: { base: "https://example.com/live", page: null, share: "internet", note: "" },
    ...more,
  } as unknown as StreamFacts;
}

describe("the ways to view by", () => {
  const viewing = (options: StartStreamOptions, more?: Partial<StreamFacts>) =>
    playerState(facts(options, more)).viewing;

  it("are those of the profile: the live engine behind WebRTC, or first where few watch from near", () => {
    expect(viewing({ quality: "ultra_low_latency" })).toEqual(["webrtc", "live", "ll-hls", "hls"]);
    for (const quality of ["local_high", "local_4k", "studio", "lossless"] as const)
      expect(viewing({ quality }), quality).toEqual(["live", "ll-hls", "hls"]);
    for (const quality of ["medium", "high", "ultra_high"] as const)
      expect(viewing({ quality }), quality).toEqual(["ll-hls", "hls"]);
    expect(viewing({ quality: "local_high", protocol: "dash" })).toEqual(["dash", "live", "ll-hls", "hls"]);
  });

  it("leave out what isn't there: WebRTC where it is off, the socket where a cache is to carry the viewers", () => {
    expect(viewing({ quality: "ultra_low_latency" }, { whep: false })).toEqual(["live", "ll-hls", "hls"]);
    expect(viewing({ quality: "local_high" }, { shared_cache: true })).toEqual(["ll-hls", "hls"]);
  });
});

describe("live_url", () => {
  it("is the socket beside the player, by TLS where that is; null once no link is left", () => {
    expect(startResult(facts({})).live_url).toBe("wss://example.com/live/s/one/token/live");
    const plain = { sharing: { base: "http://127.0.0.1:4321", page: null, share: "this-computer", note: "" } } as const;
    expect(startResult(facts({}, plain as unknown as Partial<StreamFacts>)).live_url).toBe(
      "ws://127.0.0.1:4321/s/one/token/live",
    );
  });
});

describe("player_url", () => {
  it("is a destination's own page where that is how the stream is shared; the rest is the host's", () => {
    const page = "https://twitch.example/ada";
    const sharing = { base: "http://127.0.0.1:4321", page, share: "internet", note: "" } as const;
    const { player_url, hls_url } = startResult(facts({}, { sharing }));
    expect([player_url, hls_url]).toEqual([page, "http://127.0.0.1:4321/s/one/token/index.m3u8"]);
  });
});
