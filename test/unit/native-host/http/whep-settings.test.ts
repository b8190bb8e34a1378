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
    ["7", 7, 7],
    ["256", 256, 256],
    ["0", 0, 0],
    ["", 64, 4],
    ["many", 64, 4],
    ["-1", 64, 4],
    ["257", 64, 4],
  ])("%s means %i who share an encoder, and %i with one each", (text, shared, own) => {
    expect(whepSettings({ FLYBROWSER_WEBRTC_VIEWERS: text }).limits).toEqual({ shared, own });
  });
});

it("FLYBROWSER_WEBRTC_RELAY switches the relay off", () => {
  expect(
    [undefined, "on", "off", " OFF "].map((text) => whepSettings({ FLYBROWSER_WEBRTC_RELAY: text }).relay),
  ).toEqual([...[true, true, false, false]]);
});
