import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { urlHost, viewAddresses } from "../../../protocol/node/view-addresses.ts";

function info(address: string, internal = false): NetworkInterfaceInfo {
  const common = { address, netmask: "", mac: "", internal, cidr: null };
  return address.includes(":") ? { ...common, family: "IPv6", scopeid: 0 } : { ...common, family: "IPv4" };
}
const interfaces = {
  lo: [info("127.0.0.1", true), info("::1", true)],
  eth0: [info("192.0.2.7"), info("fe80::1"), info("2001:db8::7")],
  wlan0: [info("198.51.100.3")],
};

test.each([
  ["", []],
  ["127.0.0.1", []],
  ["0.0.0.0", ["192.0.2.7", "198.51.100.3"]],
  ["::", ["192.0.2.7", "198.51.100.3", "2001:db8::7"]],
  ["198.51.100.3", ["198.51.100.3"]],
  ["127.0.0.2", ["127.0.0.2"]],
  ["2001:DB8:0::7", ["2001:db8::7"]],
  ["203.0.113.1", null],
  ["everywhere", null],
])("%j means %j", (wish, addresses) => {
  expect(viewAddresses(wish, interfaces)).toEqual(addresses);
});

test("an IPv6 address stands in brackets in a URL", () => {
  expect([urlHost("192.0.2.7"), urlHost("2001:db8::7")]).toEqual(["192.0.2.7", "[2001:db8::7]"]);
});
