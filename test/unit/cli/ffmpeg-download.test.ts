// `--with-ffmpeg` against a server of our own, which has an archive as the real one has it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const ARCHIVE = `ffmpeg-master-latest-linux${process.arch === "arm64" ? "arm64" : "64"}-gpl.tar.xz`;
let folder: string;
let server: Server;
let base: string;
let said = "";
const answers = new Map<string, Buffer | string>();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ffmpeg-download-"));
  const inside = join(folder, "build/ffmpeg-master-latest/bin");
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, "ffmpeg"), "#!/bin/sh\necho 'ffmpeg version N-1234-gabc Copyright'\n");
  chmodSync(join(inside, "ffmpeg"), 0o755);
  execFileSync("tar", ["-cJf", join(folder, ARCHIVE), "-C", join(folder, "build"), "."]);
  const archive = readFileSync(join(folder, ARCHIVE));
  const sum = createHash("sha256").update(archive).digest("hex");
  answers.set(`/${ARCHIVE}`, archive).set("/checksums.sha256", `${"0".repeat(64)}  other.zip\n${sum}  ${ARCHIVE}\n`);
  server = createServer((request, response) => {
    const answer = answers.get(request.url ?? "");
    response.writeHead(answer === undefined ? 404 : 200, { "Content-Length": answer?.length ?? 0 }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv("XDG_DATA_HOME", join(folder, "data"));
  vi.resetModules();
  said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  server.close();
  rmSync(folder, { recursive: true });
});

const download = async () => {
  const { downloadFfmpeg } = await import("../../../cli/ffmpeg/download.ts");
  return downloadFfmpeg({ FLYBROWSER_FFMPEG_DOWNLOADS: `${base}/` });
};
const place = () => join(folder, "data/flybrowser-stream/ffmpeg");

test("it is fetched with progress, checked, and found from then on", async () => {
  expect(await download()).toEqual({ path: join(place(), "ffmpeg"), version: "N-1234-gabc" });
  expect(said).toContain(`Downloading FFmpeg: ${base}/${ARCHIVE}`);
  expect(said).toMatch(/MB of 0, 100 %/);
  expect(readdirSync(place())).toEqual(["ffmpeg"]);
  const { findFfmpeg } = await import("../../../cli/ffmpeg/find.ts");
  expect(findFfmpeg({ env: { PATH: "" } })).toEqual({ path: join(place(), "ffmpeg"), version: "N-1234-gabc" });
});

test.each([
  ["a damaged archive", () => answers.set(`/${ARCHIVE}`, "damaged"), /its checksum is [0-9a-f]{64}, not [0-9a-f]{64}/],
  ["one that isn't listed", () => answers.set("/checksums.sha256", "x  y\n"), /checksums\.sha256 doesn't list ffmpeg-/],
  ["one that isn't there", () => answers.delete(`/${ARCHIVE}`), /answers 404/],
])("%s is refused, and nothing changes", async (_, spoil, reason) => {
  spoil();
  await expect(download()).rejects.toMatchObject({
    code: "ffmpeg_not_downloaded",
    message: expect.stringMatching(reason),
  });
  expect(existsSync(place())).toBe(false);
});
