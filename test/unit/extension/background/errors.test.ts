import { describe, expect, it, vi } from "vitest";
import { captureError, hostError } from "../../../../extension/background/chrome-errors.ts";
import { checkVersion } from "../../../../extension/background/host-connection.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import { PROTOCOL_VERSION } from "../../../../protocol/version.ts";

vi.mock("webextension-polyfill", () => ({ default: {} }));

describe("Chrome's errors in our words", () => {
  it.each([
    ["Specified native messaging host not found.", "host_not_installed"],
    ["Access to the specified native messaging host is forbidden.", "host_not_installed"],
    ["Native host has exited.", "host_cannot_start"],
    ["Error when communicating with the native messaging host.", "host_lost"],
  ])("host: %s", (said, code) => expect(hostError(said, false).code).toBe(code));

  it("keeps the reason of a lost host", () => {
    expect(hostError("Native host has exited.", true).message).toContain("lost: Native host has exited.");
  });

  it.each([
    ["Extension has not been invoked for the current page (see activeTab permission).", "tab_not_invoked"],
    ["Chrome pages cannot be captured.", "tab_not_capturable"],
    ["Cannot capture a tab with an active stream.", "capture_failed"],
    ["Something new", "capture_failed"],
  ])("capture: %s", (said, code) => {
    const thrown = new Error(said);
    const error = captureError(thrown);
    expect(error.code).toBe(code);
    expect(error.cause).toBe(thrown);
  });

  it("leaves our own errors alone", () => {
    const ours = new FlyBrowserError("no_media", { seconds: 5 });
    expect(captureError(ours)).toBe(ours);
  });
});

describe("checkVersion", () => {
  it("accepts its own", () => expect(() => checkVersion(PROTOCOL_VERSION)).not.toThrow());
  it("names the host when that is older", () => {
    expect(() => checkVersion(PROTOCOL_VERSION - 1)).toThrow(/: the host speaks protocol/);
  });
  it("names the extension when that is older", () => {
    expect(() => checkVersion(PROTOCOL_VERSION + 1)).toThrow(/: the extension speaks protocol/);
  });
});
