// hls.js' loader for a host that may be replaced: a connection that is refused or breaks is tried again for a while. hls.js itself takes
// it for a fault of the rendition (status 0), goes to the next lower one, and then waits for seconds.
import Hls, { type Loader, type LoaderCallbacks, type LoaderConfiguration, type LoaderContext } from "hls.js";

/** ms between two attempts, and how many there are: hosts are replaced within some seconds. */
const RETRY_EVERY = 200;
const ATTEMPTS = 30;

const PATIENCE: NonNullable<LoaderConfiguration["loadPolicy"]["errorRetry"]> = {
  ...{ maxNumRetry: ATTEMPTS, retryDelayMs: RETRY_EVERY, maxRetryDelayMs: RETRY_EVERY },
  shouldRetry: (_config, count, _timeout, response) => response?.code === 0 && count < ATTEMPTS,
};

type LoaderClass = new (config: Hls["config"]) => Loader<LoaderContext>;

/** Loads playlists, segments and parts. */
export class PatientLoader extends (Hls.DefaultConfig.loader as LoaderClass) {
  override load(context: LoaderContext, config: LoaderConfiguration, callbacks: LoaderCallbacks<LoaderContext>): void {
    super.load(
      context,
      { ...config, loadPolicy: { ...config.loadPolicy, errorRetry: PATIENCE } },
      {
        ...callbacks,
        onSuccess: (response, stats, asked, details) => {
          // Not the line was slow, but the host away: no rendition is chosen by that.
          if (stats.retry > 0) stats.loading.start = stats.loading.first;
          callbacks.onSuccess(response, stats, asked, details);
        },
      },
    );
  }
}
