// Subjects: our whole chain with WebRTC viewers, which run in the bench and aren't counted.
import { startChain } from "../chain.ts";
import type { RunningSubject, SubjectContext } from "./subject.ts";

/** Gives the start of the subject with so many viewers; streams the page at `medium`. */
export function startWithViewers(count: number): (context: SubjectContext) => Promise<RunningSubject> {
  return async ({ page_url }) => {
    const { result, stop } = await startChain(page_url, "medium");
    const { player_url, whep_url } = result;
    if (!whep_url) {
      await stop();
      throw new Error("the stream can't be viewed by WebRTC");
    }
    return {
      webrtc: { player_url, whep_url, count },
      async finish() {
        await stop();
        return { file: null, painted: null };
      },
    };
  };
}
