// What the environment sets for viewers by WebRTC.
import { describe, expect, it } from "vitest";
import { whepSettings } from "../../../../native-host/http/whep-settings.ts";

describe("FLYBROWSER_ICE_SERVERS", () => {
  it("are taken as they are written", () => {
    const servers = [{ urls: "stun:s:3478" }, { urls: ["turn:t:1"], username: "a", credential: "c" }];
    expect(whepSettings({ FLYBROWSER_ICE_SERVERS: JSON.stringify(servers) }).ice_servers).toEqual(servers);
  });

  it.each(["nonsense", "{}", '[{"url":"stun:x"}]'])("are none when the setting is %s", (text) => {
    expect(whepSettings({ FLYBROWSER_ICE_SERVERS: text }).ice_servers).toEqual([]);
  });
});

describe("FLYBROWSER_WEBRTC_VIEWERS", () => {
  it.each([
    ["7", 7],
    ["0", 0],
    ["", 4],
    ["many", 4],
    ["-1", 4],
    ["65", 4],
  ])("%s means %i", (text, limit) => {
    expect(whepSettings({ FLYBROWSER_WEBRTC_VIEWERS: text }).limit).toBe(limit);
  });
});
