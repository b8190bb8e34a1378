// `flybrowser install --with-ffmpeg`: fetches an FFmpeg for this user, checks it, and puts it where every host finds it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { FlyBrowserError, wordsOf } from "../../protocol/errors.ts";
import { ownFfmpegFolder } from "../../protocol/node/data-directory.ts";
import { temporaryDirectory } from "../../protocol/node/environment.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import { say } from "../report.ts";
import { FFMPEG_FILE, type FoundFfmpeg, ffmpegVersion } from "./find.ts";

/** Where builds of FFmpeg lie, with `checksums.sha256` beside them (github.com/BtbN/FFmpeg-Builds: releases). */
const DOWNLOADS = "https://github.com/BtbN/FFmpeg-Builds/releases/download/latest";

/** The archive for each system. macOS has none there: Homebrew does. */
const ARCHIVES: Readonly<Record<string, string>> = {
  "linux-x64": "ffmpeg-master-latest-linux64-gpl.tar.xz",
  "linux-arm64": "ffmpeg-master-latest-linuxarm64-gpl.tar.xz",
  "win32-x64": "ffmpeg-master-latest-win64-gpl.zip",
};

/** ms without a byte after which a download counts as dead. */
const SILENCE = 30_000;
/** bytes; builds have about 130 MB. */
const LARGEST = 600e6;

const failure = (reason: Words) => new FlyBrowserError("ffmpeg_not_downloaded", { reason });

type Downloading = Awaited<ReturnType<typeof open>>;

async function open(url: string) {
  const abort = new AbortController();
  const give = () => abort.abort(failure(sentence("download.silent", { seconds: SILENCE / 1000 })));
  let timer = setTimeout(give, SILENCE);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(give, SILENCE);
  };
  const response = await fetch(url, { signal: abort.signal });
  if (!response.ok || !response.body) {
    clearTimeout(timer);
    throw failure(sentence("download.status", { url, status: response.status }));
  }
  const size = Number(response.headers.get("content-length")) || null;
  return { body: Readable.fromWeb(response.body as never), size, alive, done: () => clearTimeout(timer) };
}

/** Passes a download on, counted, said every tenth, and ended above {@link LARGEST}. */
function counted({ size, alive }: Downloading): Transform {
  let got = 0;
  let said = 0;
  return new Transform({
    transform(chunk: Buffer, _, pass) {
      got += chunk.length;
      alive();
      if (got > LARGEST) return pass(failure(sentence("download.too_large", { megabytes: LARGEST / 1e6 })));
      const tenths = size ? Math.floor((got / size) * 10) : Math.floor(got / 10e6);
      if (tenths > said)
        say(`  ${(got / 1e6).toFixed(0)} MB${size ? ` of ${(size / 1e6).toFixed(0)}, ${tenths * 10} %` : ""}`);
      said = Math.max(said, tenths);
      pass(null, chunk);
    },
  });
}

async function download(url: string, path: string): Promise<void> {
  const opened = await open(url);
  try {
    await pipeline(opened.body, counted(opened), createWriteStream(path));
  } finally {
    opened.done();
  }
}

async function sumOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function listedSum(base: string, archive: string): Promise<string> {
  const { body, done } = await open(`${base}/checksums.sha256`);
  try {
    const text = Buffer.concat(await body.toArray()).toString("utf8");
    const line = text.split(/\r?\n/).find((each) => each.split(/\s+\*?/)[1] === archive);
    if (!line) throw failure(sentence("download.not_listed", { url: `${base}/checksums.sha256`, archive }));
    return line.split(/\s+/)[0]?.toLowerCase() ?? "";
  } finally {
    done();
  }
}

/**
 * Fetches it. `FLYBROWSER_FFMPEG_DOWNLOADS` names another place with the same files, such as a mirror.
 * @throws FlyBrowserError `ffmpeg_not_downloaded`; nothing has changed then.
 */
export async function downloadFfmpeg(env: NodeJS.ProcessEnv = process.env): Promise<FoundFfmpeg> {
  const base = (env.FLYBROWSER_FFMPEG_DOWNLOADS || DOWNLOADS).replace(/\/+$/, "");
  const work = await mkdtemp(join(temporaryDirectory(), "flybrowser-ffmpeg-"));
  try {
    const archive = ARCHIVES[`${process.platform}-${process.arch}`];
    if (!archive) throw failure(sentence("download.no_build", { system: `${process.platform} ${process.arch}` }));
    say(`Downloading FFmpeg: ${base}/${archive}`);
    const wanted = await listedSum(base, archive);
    const file = join(work, archive);
    await download(`${base}/${archive}`, file);
    const got = await sumOf(file);
    if (got !== wanted) throw failure(sentence("download.damaged", { got, wanted }));
    // Windows' tar reads zip, too.
    await promisify(execFile)("tar", ["-xf", file, "-C", work], { timeout: 300_000 });
    const inside = (await readdir(work, { recursive: true })).find((name) => name.endsWith(join("bin", FFMPEG_FILE)));
    if (!inside) throw failure(sentence("download.no_ffmpeg"));
    const path = join(work, inside);
    await chmod(path, 0o755);
    if (ffmpegVersion(path) === null) throw failure(sentence("download.not_runnable"));
    return await settle(path);
  } catch (cause) {
    if (cause instanceof FlyBrowserError) throw cause;
    throw new FlyBrowserError("ffmpeg_not_downloaded", { reason: wordsOf(cause) }, { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Puts the program into its place at once: a host may be looking for it. */
async function settle(path: string): Promise<FoundFfmpeg> {
  const folder = ownFfmpegFolder();
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `.${FFMPEG_FILE}.new`);
  await pipeline(createReadStream(path), createWriteStream(draft, { mode: 0o755 }));
  const place = join(folder, FFMPEG_FILE);
  await rename(draft, place);
  say(`✓ FFmpeg ${ffmpegVersion(place)}: ${place}`);
  return { path: place, version: ffmpegVersion(place) ?? "?" };
}
