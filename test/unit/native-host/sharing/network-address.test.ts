// Which address of this computer others on the private network reach it by.
import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { firewallHint } from "../../../../native-host/sharing/firewall.ts";
import { chooseAddress, hasAddress, isPrivate } from "../../../../native-host/sharing/network-address.ts";
import { say } from "../../../../protocol/sentence.ts";

const at = (address: string, internal = false) => ({ address, internal }) as NetworkInterfaceInfo;
const LOOPBACK = { lo: [at("127.0.0.1", true), at("::1", true)] };

test.each([
  ["10.1.2.3", true],
  ["172.31.0.1", true],
  ["192.168.178.20", true],
  ["100.101.102.103", true],
  ["fd00::2", true],
  ["172.32.0.1", false],
  ["8.8.8.8", false],
  ["2001:db8::1", false],
])("%s is private: %s", (address, known) => expect(isPrivate(address)).toBe(known));

test.each([
  ["the one of the default route", { eth0: [at("192.168.1.5")], wlan0: [at("10.0.0.7")] }, "10.0.0.7", "10.0.0.7"],
  ["the first one without a route", { eth0: [at("fd00::2"), at("192.168.1.5")] }, null, "192.168.1.5"],
  ["IPv6 where there is no IPv4", { eth0: [at("203.0.113.9"), at("fd00::2")] }, "203.0.113.9", "fd00::2"],
  ["not a bridge to containers", { docker0: [at("172.17.0.1")], eth0: [at("192.168.1.5")] }, null, "192.168.1.5"],
  ["none of the public ones", { eth0: [at("203.0.113.9")] }, "203.0.113.9", null],
  ["none without a network", {}, null, null],
])("it is %s", (_what, interfaces, routed, chosen) => {
  expect(chooseAddress({ ...LOOPBACK, ...interfaces }, routed)).toBe(chosen);
});

test("whether the computer still has it", () => {
  expect(hasAddress("192.168.1.5", { eth0: [at("192.168.1.5")] })).toBe(true);
  expect(hasAddress("192.168.1.5", { eth0: [at("192.168.1.6")] })).toBe(false);
});

test.each([
  ["win32", "", /Windows Security/],
  ["darwin", "", /System Settings/],
  ["linux", "/usr/sbin/ufw", /sudo ufw allow 4100\/tcp/],
  ["linux", "/usr/bin/firewall-cmd", /--add-port=4100\/tcp/],
  ["linux", "", /^$/],
] as const)("the hint for the firewall on %s (%s)", (platform, installed, hint) => {
  expect(say(firewallHint(4100, { platform, exists: (path) => path === installed }))).toMatch(hint);
});
