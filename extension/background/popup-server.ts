// What the popup sees and asks: its state, pushed on every change; start, stop, the choice of quality.
import { FlyBrowserError, type SerializedError, serializeError } from "../../protocol/errors.ts";
import { BackgroundForPopupContract, type PopupState } from "../../protocol/extension-messages.ts";
import type { Tab } from "../../protocol/native-messages.ts";
import type { Share } from "../../protocol/options.ts";
import { NoContract } from "../../protocol/page-messages.ts";
import type { Quality } from "../../protocol/profiles.ts";
import { Peer } from "../../protocol/rpc.ts";
import { sentence } from "../../protocol/sentence.ts";
import { portTransport } from "../../protocol/transport.ts";
import type { CapturedTabs } from "./captured-tabs.ts";
import type { HostConnection } from "./host-connection.ts";
import type { SavedDestinations } from "./saved-destinations.ts";
import type { TabRecordings } from "./tab-recordings.ts";

/** What {@link PopupServer} works with. */
export interface PopupServerDependencies {
  readonly captured: Pick<CapturedTabs, "all" | "get" | "view" | "startStream" | "stopStream" | "streamOf">;
  readonly recordings: Pick<TabRecordings, "view" | "start" | "stop">;
  readonly host: Pick<HostConnection, "info" | "error" | "connect" | "call">;
  readonly getTab: (tab_id: number) => Promise<Tab>;
  /** A start may come soon: makes ready for it what takes time. */
  readonly prepare: () => void;
  readonly quality: { load(): Promise<Quality>; save(quality: Quality): Promise<void> };
  /** Whom streams are shared with, as the user chose last; `null`: never. */
  readonly share: { load(): Promise<Share | null>; save(share: Share): Promise<void> };
  readonly audio: { load(): Promise<boolean>; save(audio: boolean): Promise<void> };
  readonly destinations: SavedDestinations;
  /** Opens the popup of the tab, if it is still in front. */
  readonly reopen: (tab_id: number) => Promise<void>;
  /** The first popup was opened, or the last one closed. */
  readonly onChange: () => void;
}

/** ms between two looks for what is missing, while somebody is told so: it may be installed at this moment. */
const LOOK_EVERY = 2_000;

type PopupPeer = Peer<typeof BackgroundForPopupContract, typeof NoContract>;

/** Serves the popups that are open. */
export class PopupServer {
  readonly #deps: PopupServerDependencies;
  readonly #watchers = new Map<PopupPeer, number | null>();
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(dependencies: PopupServerDependencies) {
    this.#deps = dependencies;
  }

  /** Chrome closes a popup when the capture of its tab begins: it is opened again, with the link or the error. */
  async #start<R>(peer: PopupPeer, tab_id: number, start: () => Promise<R>): Promise<R> {
    try {
      return await start();
    } finally {
      if (!this.#watchers.has(peer)) void this.#deps.reopen(tab_id);
    }
  }

  /** Popups that are open. */
  get open(): number {
    return this.#watchers.size;
  }

  /** Takes the port of a popup that was just opened. */
  takePort(port: chrome.runtime.Port): void {
    const { captured, recordings, quality: stored, audio: sound, destinations } = this.#deps;
    const peer: PopupPeer = new Peer({
      transport: portTransport(port),
      local: BackgroundForPopupContract,
      remote: NoContract,
      handlers: {
        watch: ({ tab_id }) => this.#watch(peer, tab_id),
        startStream: ({ tab_id, options, record }) =>
          this.#start(peer, tab_id, async () => {
            const share = await this.#deps.share.load();
            const chosen = {
              ...(share === null ? {} : { share }),
              ...(options as object),
              destinations: await destinations.chosen(),
            };
            const result = await captured.startStream(tab_id, chosen);
            if (record) await recordings.start(tab_id, {}, await stored.load()).catch(() => {}); // its error is shown
            return result;
          }),
        stopStream: ({ tab_id }) => captured.stopStream(tab_id, "stopped by the user"),
        startRecording: ({ tab_id }) =>
          this.#start(peer, tab_id, async () => recordings.start(tab_id, {}, await this.#deps.quality.load())),
        stopRecording: ({ tab_id }) => recordings.stop(tab_id),
        openRecording: ({ tab_id, way }) => {
          const { info } = recordings.view(tab_id);
          if (!info) throw new FlyBrowserError("recording_not_found", { recording_id: "" });
          return this.#deps.host.call("openRecording", { recording_id: info.recording_id, way });
        },
        createLink: ({ tab_id, options }) =>
          this.#deps.host.call("createLink", { stream_id: this.#streamOf(tab_id), options }),
        revokeLink: ({ tab_id, link_id }) =>
          this.#deps.host.call("revokeLink", { stream_id: this.#streamOf(tab_id), link_id }),
        makeClip: ({ tab_id }) => this.#deps.host.call("makeClip", { stream_id: this.#streamOf(tab_id), options: {} }),
        setShare: async ({ tab_id, share }) => {
          await this.#share(tab_id, share);
          return {};
        },
        setQuality: async ({ tab_id, quality }) => {
          const live = captured.view(tab_id).phase === "live" ? captured.get(tab_id) : undefined;
          if (live) await this.#start(peer, tab_id, () => live.setQuality(quality));
          await stored.save(quality);
          return {};
        },
        setAudio: async ({ audio }) => {
          await sound.save(audio);
          return {};
        },
        saveDestination: async ({ tab_id, destination, keep_key }) => {
          await this.#sendTo(tab_id, await destinations.add(destination, keep_key));
          return {};
        },
        chooseDestination: async ({ tab_id, id, on }) => {
          await destinations.choose(id, on);
          if (on) await this.#sendTo(tab_id, id);
          else this.push();
          return {};
        },
        forgetDestination: async ({ id }) => {
          await destinations.forget(id);
          this.push();
          return {};
        },
        removeDestination: async ({ tab_id, destination_id }) => {
          await captured.get(tab_id)?.removeDestination(destination_id);
          return {};
        },
      },
      listeners: {},
      onClose: () => {
        this.#watchers.delete(peer);
        if (this.#watchers.size === 0) this.#stopLooking();
        this.#deps.onChange();
      },
    });
    this.#watchers.set(peer, null);
    this.#looking ??= setInterval(() => {
      if (this.#obstacle()) void this.#deps.host.connect().catch(() => {}); // its error is pushed
    }, LOOK_EVERY);
    this.#deps.onChange();
  }

  #stopLooking(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  /** Sends the new state to the popups that are open: each shows what the other tabs do too. */
  push(): void {
    for (const [peer, watched] of this.#watchers) {
      if (watched === null) continue;
      void this.#state(watched)
        .then((state) => peer.emit("state", state))
        .catch(() => {}); // the tab has gone
    }
  }

  /** @throws FlyBrowserError `no_active_stream` */
  #streamOf(tab_id: number): string {
    const stream_id = this.#deps.captured.streamOf(tab_id);
    if (stream_id === null) throw new FlyBrowserError("no_active_stream");
    return stream_id;
  }

  /** A stream that is live goes to a saved destination at once. @throws FlyBrowserError as `addDestination` */
  async #sendTo(tab_id: number, id: string): Promise<void> {
    const { captured, destinations } = this.#deps;
    if (captured.view(tab_id).phase === "live") {
      await captured.get(tab_id)?.addDestination(await destinations.get(id));
    }
    this.push();
  }

  /** One that is live is shared anew first: what can't be had isn't remembered. */
  async #share(tab_id: number, share: Share): Promise<void> {
    const stream_id = this.#deps.captured.streamOf(tab_id);
    if (stream_id !== null) await this.#deps.host.call("setSharing", { stream_id, share });
    await this.#deps.share.save(share);
    this.push();
  }

  #watch(peer: PopupPeer, tab_id: number): Promise<PopupState> {
    this.#watchers.set(peer, tab_id);
    // So that a missing host is said before the click, and the click finds a running one. The result is pushed.
    void this.#deps.host.connect().catch(() => {});
    this.#deps.prepare();
    return this.#state(tab_id);
  }

  async #state(tab_id: number): Promise<PopupState> {
    const { getTab, quality: qualities, share: shares, host } = this.#deps;
    const [tab, quality, chosen, audio, destinations] = await Promise.all([
      ...([getTab(tab_id), qualities.load(), shares.load(), this.#deps.audio.load()] as const),
      this.#deps.destinations.list(),
    ]);
    const { phase, info, error } = this.#deps.captured.view(tab_id);
    const recording = this.#deps.recordings.view(tab_id);
    return {
      tab: { tab_id, title: tab.title, url: tab.url, not_capturable: tab.not_capturable },
      host: host.info,
      others: this.#others(tab_id),
      quality,
      audio,
      destinations,
      share: chosen ?? host.info?.share ?? "this-computer",
      phase,
      stream: info,
      recording_phase: recording.phase,
      recording: recording.info,
      error: error ?? (phase === "idle" ? this.#obstacle() : null),
    };
  }

  /** What else is captured. */
  #others(tab_id: number): PopupState["others"] {
    const others = this.#deps.captured.all.filter((tab) => tab.tab_id !== tab_id);
    return others.map(({ record: { tab, stream, recording, info } }) => ({
      ...{ tab_id: tab.tab_id, title: tab.title, live: stream !== "none", recorded: recording !== "none" },
      viewers: info?.viewer_count ?? 0,
    }));
  }

  /** What would make a start fail now. */
  #obstacle(): SerializedError | null {
    const { info, error } = this.#deps.host;
    if (info && !info.ffmpeg) {
      return serializeError(new FlyBrowserError("ffmpeg_not_found", { reason: sentence("ffmpeg.none_works") }));
    }
    if (info?.problem) return info.problem;
    return !info && error ? serializeError(error) : null;
  }
}
