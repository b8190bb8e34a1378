// How far back viewers can go, for how long after the end, and what that may cost in memory.
import { partLogger } from "../logging.ts";
import type { PackagerOptions } from "../packager/packager.ts";

/** s */
const DEFAULT = 60;
const LEAST = 10;
const MOST = 3_600;
const MIB = 1024 * 1024;
/** For each minute, the first one at least: `high` needs 23 MiB of it, `local_high` 90. */
const BYTES_PER_MINUTE = 64 * MIB;
/** s after the end of a stream for which it can be watched again. */
const ENDED = { usual: 30, least: 10, most: 86_400 } as const;
const LEAST_MEGABYTES = 8;
const MOST_MEGABYTES = 16_384;

const log = partLogger("rewind");

/**
 * Reads FLYBROWSER_REWIND_SECONDS (10 to 3600, 60 by default) and FLYBROWSER_REWIND_MIB (8 to 16384 for each stream, by
 * default 64 for each minute). Whichever is reached first holds.
 */
export function rewindWindow(environment: NodeJS.ProcessEnv): PackagerOptions["window"] {
  const seconds = numberOf(environment, "FLYBROWSER_REWIND_SECONDS", LEAST, MOST) ?? DEFAULT;
  const mebibytes = numberOf(environment, "FLYBROWSER_REWIND_MIB", LEAST_MEGABYTES, MOST_MEGABYTES);
  return { seconds, bytes: mebibytes === null ? BYTES_PER_MINUTE * Math.max(1, seconds / 60) : mebibytes * MIB };
}

/** Reads FLYBROWSER_ENDED_SECONDS (10 to 86400, 30 by default): s for which the links of an ended stream show what there was. */
export function endedSeconds(environment: NodeJS.ProcessEnv): number {
  return numberOf(environment, "FLYBROWSER_ENDED_SECONDS", ENDED.least, ENDED.most) ?? ENDED.usual;
}

function numberOf(environment: NodeJS.ProcessEnv, name: string, least: number, most: number): number | null {
  const text = environment[name];
  if (!text) return null;
  const number = Number(text);
  if (number >= least && number <= most) return number;
  log.warning("{name}={text} is no number from {least} to {most}; it is left out", { name, text, least, most });
  return null;
}
