import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { expect, test, vi } from "vitest";
import { withoutSecrets, writeBundle } from "../../../cli/doctor/bundle.ts";

test.each([
  [
    "http://127.0.0.1:4100/s/stream_abc/7NH3VC-KWco-zn0H_EFqkmf7/player",
    "http://127.0.0.1:4100/s/stream_abc/(token)/player",
  ],
  ["Authorization: Bearer abc.DEF-123", "Authorization: Bearer (token)"],
  ['{"token":"abcdef","port":4100}', '{"token":(hidden),"port":4100}'],
  ["rtmp_key=live_123_abc rest", "rtmp_key=(hidden) rest"],
  ["to rtmp://live.example/app/live_123_abc now", "to rtmp://live.example/app/(key) now"],
  ["https://ada:secret@example.com/a", "https://example.com/a"],
  ["https://example.com/reset?code=1234#part", "https://example.com/reset?…"],
  ["/home/ada/Videos/x.mp4 of ada", "~/Videos/x.mp4 of (user)"],
  ["listening on 127.0.0.1, port 4100", "listening on 127.0.0.1, port 4100"],
])("%s", (text, shown) => {
  expect(withoutSecrets(text, "/home/ada", "ada")).toBe(shown);
});

test("the bundle is the user's alone, holds what was found, and no setting that is a secret", () => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  const path = join(folder, "report.zip");
  vi.stubEnv("FLYBROWSER_ICE_SERVERS", '[{"urls":"turn:x","username":"ada","credential":"hush-hush"}]');
  vi.stubEnv("FLYBROWSER_PORT", "4100");
  try {
    writeBundle(path, [{ name: "Node", state: "ok", detail: "fine", fix: null }]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const files = unzipSync(readFileSync(path));
    const all = Object.values(files)
      .map((content) => strFromU8(content))
      .join("\n");
    expect(Object.keys(files)).toEqual(expect.arrayContaining(["about.json", "doctor.json"]));
    expect(all).toContain('"FLYBROWSER_PORT": "4100"');
    expect(all).not.toContain("hush-hush");
    expect(() => writeBundle(path, [])).toThrow(/EEXIST/); // a file that is there isn't overwritten
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  }
});
