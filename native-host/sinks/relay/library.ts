// node-datachannel, which speaks WebRTC for the relay. An optional dependency: where it isn't installed, or has no binary for this system,
// each viewer gets a connection from the browser.
import { createRequire } from "node:module";

/** The library. */
export type WebRtcLibrary = typeof import("node-datachannel");

const NAME = "node-datachannel";

/** Whether it is installed; whether it works here too, only loading it tells. */
export function hasLibrary(from: string = import.meta.url): boolean {
  try {
    createRequire(from).resolve(NAME);
    return true;
  } catch {
    return false;
  }
}

/** Loads it. Rejects where there is none, or none for this system. */
export async function loadLibrary(): Promise<WebRtcLibrary> {
  return await import("node-datachannel");
}
