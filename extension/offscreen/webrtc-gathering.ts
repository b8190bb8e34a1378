// The candidates of a connection: waited for, so that offer and answer hold all of them.
import { timeout } from "../../protocol/async.ts";

/** ms for which candidates are waited for: on a machine without STUN servers they are there at once. */
const GATHERING = 1_500;

/** Resolves when all candidates are known, after 1.5 s in any case. */
export async function gathered(connection: RTCPeerConnection): Promise<void> {
  let changed = () => {};
  const complete = new Promise<void>((resolve) => {
    changed = () => {
      if (connection.iceGatheringState === "complete") resolve();
    };
  });
  connection.addEventListener("icegatheringstatechange", changed);
  changed();
  await timeout(complete, GATHERING);
  connection.removeEventListener("icegatheringstatechange", changed);
}
