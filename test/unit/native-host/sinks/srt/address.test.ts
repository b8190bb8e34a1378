// SRT addresses: what is taken, what is refused, and where the secrets go.
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createDestinations } from "../../../../../native-host/sinks/registry.ts";
import { SrtTarget, srtParts } from "../../../../../native-host/sinks/srt/address.ts";
import { srtArguments } from "../../../../../native-host/sinks/srt/srt-process.ts";
import { parseStartStreamOptions } from "../../../../../protocol/options.ts";
import { TOOLS } from "../../../../fixtures/stream-outline.ts";

const SECRET = "hunter22?&=/+#";

function target(url: string, key?: string): SrtTarget {
  const parts = srtParts(url);
  if (!parts) throw new Error(`refused: ${url}`);
  return new SrtTarget(parts, key);
}

test.each([
  ["srt://host:9000", undefined, "srt://host:9000", "mode=caller\nconnect_timeout=8000\n"],
  ["srt://:9000", undefined, "srt://:9000?mode=listener", "mode=listener\n"],
  ["srt://[::1]:9000?mode=listener", undefined, "srt://[::1]:9000?mode=listener", "mode=listener\n"],
  [
    "srt://host:9000?latency=200&pbkeylen=32&streamid=%23!::r=live/a,m=publish",
    SECRET,
    "srt://host:9000",
    `mode=caller\nconnect_timeout=8000\nlatency=200000\npbkeylen=32\npassphrase=${SECRET}\nstreamid=#!::r=live/a,m=publish\n`,
  ],
  [
    `srt://host:9000?passphrase=${encodeURIComponent(SECRET)}`,
    undefined,
    "srt://host:9000",
    `mode=caller\nconnect_timeout=8000\npassphrase=${SECRET}\n`,
  ],
  [
    "srt://host:1?passphrase=in+the+address",
    SECRET,
    "srt://host:1",
    `mode=caller\nconnect_timeout=8000\npassphrase=${SECRET}\n`,
  ],
])("%s", (url, key, shown, preset) => {
  const made = target(url, key);
  expect(made.publicUrl).toBe(shown);
  expect(made.revealPreset(8_000)).toBe(preset);
  const told = [inspect(made, { depth: 9, showHidden: true }), JSON.stringify(made), made.publicUrl];
  told.push(...srtArguments(made.server, true, "/dev/fd/5"));
  for (const text of told) expect(text).not.toMatch(/hunter22|in\+the|r=live/);
});

test.each([
  ...[
    "srt://host",
    "srt://host:0",
    "srt://host:99999",
    "srt://u:p@host:9000",
    "srt://?mode=caller",
    "srt://:9000?mode=caller",
  ],
  ...["srt://host:9000?mode=rendezvous", "srt://host:9000?latency=2000000", "srt://host:9000?pbkeylen=8"],
  ...["srt://host:9000?passphrase=short", "srt://host:9000?colour=red", "srt://host:9000?streamid=%0aoverwrite=1"],
  ...["srt://host:9000/path", "srt://host:9000?streamid=%zz", `srt://host:9000?streamid=${"x".repeat(513)}`],
])("%s is refused", (url) => {
  expect(srtParts(url)).toBeNull();
  const make = () => createDestinations(parseStartStreamOptions({ destinations: [{ url }] }), false, TOOLS);
  expect(make).toThrow(
    "destinations[0].url: the given value is not allowed. Allowed: an address such as srt://server:port",
  );
});

test("what FFmpeg says is shown without the secrets; VP9 is refused", () => {
  const made = target("srt://host:9000?streamid=%23!::r=live/a", SECRET);
  expect(made.redact(`no: ${SECRET}, #!::r=live/a`)).toBe("no: [hidden], [hidden]");
  const options = { destinations: [{ url: "srt://host:9000" }], codec: "vp9" };
  expect(() => createDestinations(parseStartStreamOptions(options), false, TOOLS)).toThrow(
    "Codec vp9 to SRT is not possible: MPEG-TS carries H.264 and H.265 only.",
  );
});

test("a passphrase that SRT can't take is refused without being shown", () => {
  for (const key of ["hunter22", "hunter22é-hunter22", "h".repeat(80)]) {
    const destinations = [{ url: "srt://host:9000", key }];
    const make = () => createDestinations(parseStartStreamOptions({ destinations }), false, TOOLS);
    expect(make).toThrow("destinations[0].key: the given value is not allowed. Allowed: a passphrase of 10 to 79");
    expect(make).not.toThrow(key);
  }
});
