// Another quality for a captured tab's stream while it is live: the tab is captured anew, and everything else goes on.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { Quality } from "../../protocol/profiles.ts";
import { changedQuality } from "../../protocol/quality-change.ts";
import type { StreamInfo } from "../../protocol/results.ts";
import type { HostStreams } from "./host-streams.ts";
import { liveStream } from "./tab-destinations.ts";
import type { TabMedia } from "./tab-media.ts";
import type { TabState } from "./tab-record.ts";

/** What {@link changeQuality} works with. */
export interface QualityDependencies {
  readonly host: Pick<HostStreams, "prepareQuality" | "qualityShown">;
  readonly media: Pick<TabMedia, "assertMayCapture" | "captureAnew" | "stop">;
  /** It was let go, and could not be captured anew. */
  readonly onLost: () => void;
}

/**
 * Changes it; resolves when viewers get a picture in it, with the status as it is then.
 * @throws FlyBrowserError `no_active_stream`, `host_lost`; `unsupported_combination`, `tab_not_invoked`, and it is as it was;
 *   `capture_failed`, and the tab is captured again as before, where Chrome allows it
 */
export async function changeQuality(state: TabState, quality: Quality, deps: QualityDependencies): Promise<StreamInfo> {
  const { host, media, onLost } = deps;
  const stream_id = liveStream(state);
  const { options: before, info, tab } = state.record;
  const options = changedQuality(before, quality, info);
  if (options !== before) {
    await media.assertMayCapture(tab.tab_id);
    await host.prepareQuality(stream_id, options);
    liveStream(state);
    state.change({ options });
    try {
      await media.captureAnew(tab.tab_id, stream_id, options, () => {
        if (state.record.capture !== "live") throw new FlyBrowserError("no_active_stream");
      });
    } catch (thrown) {
      const { capture } = state.record;
      const { destinations } = state.record.options;
      if (capture === "live") state.change({ options: { ...before, destinations } });
      if (capture === "live") onLost();
      throw thrown;
    } finally {
      const { capture } = state.record; // who let it go meanwhile found no capture to end
      if (capture === "stopping" || capture === "ended") await media.stop(stream_id, false);
    }
  }
  return host.qualityShown(stream_id, quality);
}
