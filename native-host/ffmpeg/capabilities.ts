// Asks one FFmpeg what it has: version and encoders; remembers the answers per binary, in memory and on disk.
// A listed encoder may still fail: encoder-trial.ts finds out.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import * as v from "valibot";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { sentence } from "../../protocol/sentence.ts";

const CapabilitiesSchema = v.object({
  /** Raised when what is asked changes, so that old answers are not taken for new ones. */
  schema: v.literal(2),
  version: v.string(),
  encoders: v.array(v.string()),
});

/** What one FFmpeg has. */
export type Capabilities = v.InferOutput<typeof CapabilitiesSchema>;

/** ms for each question. */
const TIMEOUT = 5_000;
const MAX_OUTPUT = 4 * 1024 * 1024;

/** Which file a binary is: the same path with other contents is another one. Fit for a file name. */
export async function binaryKey(path: string, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const file = await realpath(await onPath(path, environment));
  const { mtimeMs, size } = await stat(file);
  return createHash("sha256").update(`${file}\n${mtimeMs}\n${size}`).digest("hex").slice(0, 16);
}

async function onPath(name: string, environment: NodeJS.ProcessEnv): Promise<string> {
  if (/[\\/]/.test(name)) return name;
  for (const folder of (environment.PATH ?? "").split(delimiter)) {
    for (const ending of process.platform === "win32" ? [".exe", ""] : [""]) {
      const file = join(folder, name + ending);
      if (folder !== "" && (await stat(file).catch(() => null))?.isFile()) return file;
    }
  }
  return name;
}

function ask(path: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT, killSignal: "SIGKILL", maxBuffer: MAX_OUTPUT, windowsHide: true } as const;
    execFile(path, ["-hide_banner", ...args], options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const said = (stderr.trim() || error.message).slice(0, 300);
      const reason = error.killed ? sentence("ffmpeg.no_answer", { seconds: TIMEOUT / 1000 }) : said;
      reject(
        new FlyBrowserError(
          "ffmpeg_failed",
          { reason: sentence("ffmpeg.command_failed", { command: args.join(" "), reason }) },
          { cause: error },
        ),
      );
    });
  });
}

/** Names in the output of `-encoders`: flags, then a name, then words. Audio and subtitle encoders are left out. */
export function parseEncoders(output: string): string[] {
  return [...output.matchAll(/^ V[A-Z.]{5} ([A-Za-z0-9_-]+) /gm)].map((match) => match[1] as string);
}

/** Whether this version knows `-fps_mode` (5.1 and newer) instead of `-vsync`. Builds from git count as new. */
export function hasFpsMode(version: string): boolean {
  const release = /^n?(\d{1,2})\.(\d+)/.exec(version);
  return !release || Number(release[1]) > 5 || (Number(release[1]) === 5 && Number(release[2]) >= 1);
}

/** Whether the FFmpeg at this path does. @throws FlyBrowserError `ffmpeg_failed` */
export async function knowsFpsMode(path: string): Promise<boolean> {
  return hasFpsMode(/^ffmpeg version (\S+)/.exec(await ask(path, ["-version"]))?.[1] ?? "");
}

const withProtocol = new Map<string, Promise<string>>();

/**
 * The path of an FFmpeg, once it is known to send by a protocol; asked once for each path.
 * @throws FlyBrowserError `unsupported_combination`, `ffmpeg_failed`
 */
export function ffmpegWith(protocol: string, path: string): Promise<string> {
  const key = `${protocol} ${path}`;
  const known = withProtocol.get(key) ?? askProtocol(protocol, path);
  withProtocol.set(key, known);
  known.catch(() => withProtocol.delete(key)); // another one may be installed meanwhile
  return known;
}

async function askProtocol(protocol: string, path: string): Promise<string> {
  const outputs = (await ask(path, ["-protocols"])).split(/^Output:/m)[1] ?? "";
  if (outputs.split(/\s+/).includes(protocol)) return path;
  throw new FlyBrowserError("unsupported_combination", {
    what: sentence("combination.protocol", { protocol: protocol.toUpperCase() }),
    reason: sentence("combination.ffmpeg_lacks", { protocol }),
    instead: sentence("instead.other_ffmpeg"),
  });
}

async function askAll(path: string): Promise<Capabilities> {
  const [about, encoders] = await Promise.all([ask(path, ["-version"]), ask(path, ["-encoders"])]);
  const version = /^ffmpeg version (\S+)/m.exec(about)?.[1];
  if (!version) throw new FlyBrowserError("ffmpeg_failed", { reason: sentence("ffmpeg.other_program", { path }) });
  return { schema: 2, version, encoders: parseEncoders(encoders) };
}

/** One JSON file per binary in the state folder: what this FFmpeg has and what was found of its encoders. */
export class BinaryStore {
  readonly #folder: string;
  constructor(state_dir: string) {
    this.#folder = state_dir;
  }

  /** File of a binary. */
  file(key: string): string {
    return join(this.#folder, `ffmpeg-${key}.json`);
  }

  /** What is known of a binary; an unreadable file counts as empty. */
  async read(key: string): Promise<Record<string, unknown>> {
    try {
      const known: unknown = JSON.parse(await readFile(this.file(key), "utf8"));
      return typeof known === "object" && known !== null ? (known as Record<string, unknown>) : {};
    } catch {
      return {};
    }
  }

  /** Puts one entry in, whole or not at all. A folder that can't be written costs only the memory. */
  async put(key: string, entry: string, value: unknown): Promise<void> {
    const beside = `${this.file(key)}.${process.pid}`;
    try {
      const known = await this.read(key);
      await mkdir(this.#folder, { recursive: true });
      await writeFile(beside, `${JSON.stringify({ ...known, [entry]: value }, null, 1)}\n`, { mode: 0o600 });
      await rename(beside, this.file(key));
    } catch {
      // asked again next time
    }
  }
}

const inMemory = new Map<string, Promise<Capabilities>>();

/**
 * What an FFmpeg has; asked once per binary.
 * @throws FlyBrowserError `ffmpeg_failed` when it does not answer, with its own words.
 */
export async function capabilitiesOf(path: string, store: BinaryStore): Promise<Capabilities> {
  const key = await binaryKey(path).catch((cause: unknown) => {
    throw new FlyBrowserError("ffmpeg_failed", { reason: sentence("ffmpeg.unreadable", { path }) }, { cause });
  });
  const known = inMemory.get(key) ?? recall(path, key, store);
  inMemory.set(key, known);
  known.catch(() => inMemory.delete(key)); // a failure is asked again
  return known;
}

async function recall(path: string, key: string, store: BinaryStore): Promise<Capabilities> {
  const kept = v.safeParse(CapabilitiesSchema, (await store.read(key)).capabilities);
  if (kept.success) return kept.output;
  const asked = await askAll(path);
  await store.put(key, "capabilities", asked);
  return asked;
}
