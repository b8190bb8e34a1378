// What the environment says about the port and viewers from elsewhere: understood, or an error that names the variable.
import { expect, test } from "vitest";
import { publicBase, wishedAddresses, wishedPort } from "../../../protocol/node/host-settings.ts";

test("FLYBROWSER_PORT: a port, or an error that names it", () => {
  expect(wishedPort({})).toBe(0);
  expect(wishedPort({ FLYBROWSER_PORT: "4100" })).toBe(4100);
  for (const value of ["http", "70000", "-1", "4100x"]) {
    const read = () => wishedPort({ FLYBROWSER_PORT: value });
    expect(read).toThrow(`FLYBROWSER_PORT can't be used: ${value} is no port.`);
  }
});

test.each([
  ["https://tab.example/", "https://tab.example"],
  ["http://tab.example:8080", "http://tab.example:8080"],
  ["https://tab.example/live/", "https://tab.example/live"],
  ["https://tab.example/a/b", "https://tab.example/a/b"],
  ["https://[2001:db8::1]:444", "https://[2001:db8::1]:444"],
])("links begin with %s", (given, base) => expect(publicBase({ FLYBROWSER_PUBLIC_URL: given })).toBe(base));

test.each([
  "tab.example",
  "ftp://tab.example",
  "https://",
  "https://ada:secret@tab.example",
  "https://tab.example?a=secret",
])("FLYBROWSER_PUBLIC_URL=%s is an error that names it, and shows no secret", (given) => {
  const read = () => publicBase({ FLYBROWSER_PUBLIC_URL: given });
  expect(read).toThrow("FLYBROWSER_PUBLIC_URL can't be used: it is not of the form https://name or https://name/path.");
  expect(read).not.toThrow("secret");
});

test("FLYBROWSER_VIEW_ADDRESS that is none of this computer is an error that names it", () => {
  expect(wishedAddresses({})).toEqual([]);
  expect(wishedAddresses({ FLYBROWSER_VIEW_ADDRESS: "127.0.0.2" })).toEqual(["127.0.0.2"]);
  const read = () => wishedAddresses({ FLYBROWSER_VIEW_ADDRESS: "203.0.113.77" });
  expect(read).toThrow("FLYBROWSER_VIEW_ADDRESS can't be used: 203.0.113.77 is no IP address of this computer.");
});
