// Subject: our whole chain, by the `flybrowser` command, with the bench as its one HTTP reader.
import { startChain } from "../chain.ts";
import type { RunningSubject, SubjectContext } from "./subject.ts";

/** Streams the page at `medium`. */
export async function start({ page_url }: SubjectContext): Promise<RunningSubject> {
  const chain = await startChain(page_url, "medium");
  return {
    hls_url: chain.result.hls_url,
    async finish() {
      await chain.stop();
      return { file: null, painted: null };
    },
  };
}
