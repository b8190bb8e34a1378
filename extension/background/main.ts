// Entry of the service worker: makes the parts and connects them with Chrome's events.
// Never decides anything. Every listener is registered before the first await: Chrome wakes the worker for an event.
import browser from "webextension-polyfill";
import { deserializeError, FlyBrowserError } from "../../protocol/errors.ts";
import { OFFSCREEN_PORT, POPUP_PORT } from "../../protocol/extension-messages.ts";
import { OPTIONS_PORT, PAGE_PORT, PAIRING_PORT } from "../../protocol/page-messages.ts";
import { showBadge } from "./badge.ts";
import { CapturedTabs } from "./captured-tabs.ts";
import { ExtensionServer } from "./extension-server.ts";
import { HostConnection } from "./host-connection.ts";
import { HostKeeper } from "./host-keeper.ts";
import { IdleTimer } from "./idle-timer.ts";
import { MediaRelay, type RelayPort } from "./media-relay.ts";
import { listenToMenuAndShortcut, openPopup, showMenu } from "./menus-and-commands.ts";
import { OFFSCREEN_PATH, OffscreenConnection } from "./offscreen-connection.ts";
import { PageActions } from "./page-actions.ts";
import { PageOwners } from "./page-owners.ts";
import { PageServer } from "./page-server.ts";
import { Pairing } from "./pairing.ts";
import { PairingPages } from "./pairing-pages.ts";
import { PairingPrompts } from "./pairing-prompts.ts";
import { PairingStore } from "./pairing-store.ts";
import { PopupServer } from "./popup-server.ts";
import { openPromptWindow } from "./prompt-window.ts";
import { loadQuality, saveQuality } from "./settings.ts";
import { StreamStore } from "./stream-store.ts";
import { Streams } from "./streams.ts";
import { TabRecordings } from "./tab-recordings.ts";
import { getTab, isAutomation, listTabs, resolveTab } from "./tabs.ts";

/** ms without a stream and without a popup, after which host and offscreen document end. */
const IDLE_AFTER = 30_000;

const host: HostConnection = new HostConnection({
  handlers: {
    listTabs: () => listTabs((tab_id) => captured.streamOf(tab_id)),
    startStream: async ({ tab, options }) => streams.startStream(await resolveTab(tab), options),
    stopStream: ({ stream_id }) => streams.stopStreamById(stream_id, "stopped by a program"),
    startRecording: async ({ tab, options }) => recordings.start(await resolveTab(tab), options),
    stopRecording: ({ stream_id }) => recordings.stopById(stream_id),
    openViewer: async (params) => {
      if (!captured.isSeen(params.stream_id)) throw new FlyBrowserError("no_active_stream");
      return offscreen.call("openViewer", params);
    },
    addViewerCandidates: (params) => offscreen.call("addViewerCandidates", params),
    closeViewer: (params) => offscreen.call("closeViewer", params),
  },
  listeners: {
    chunk_accepted: (ack) => relay.acknowledge(ack),
    stream_status: ({ stream_id, info }) => captured.statusArrived(stream_id, info),
    recording_changed: ({ recording }) => recordings.changed(recording),
    stream_failed: ({ stream_id, error }) => streams.failed(stream_id, deserializeError(error)),
    run_needed: ({ stream_id, reason, orderly }) => streams.runNeeded(stream_id, reason, orderly),
  },
  preferredPort: () => captured.preferredPort(),
  resumes: () => recordings.resumes(),
  onLost: () => {
    streams.hostLost();
    keeper.stay();
  },
  onChange: () => popups.push(),
});

const keeper: HostKeeper = new HostKeeper({
  host,
  automation: isAutomation(),
  onRelease: () => idle.check(),
});

const relay = new MediaRelay((event, params) => host.emit(event, params));

const offscreen = new OffscreenConnection(
  {
    capture_ended: ({ stream_id, reason }) => streams.captureEnded(stream_id, reason),
    viewers_changed: (event) => host.emit("viewers_changed", event),
  },
  () => streams.offscreenReconnected(),
);

const captured: CapturedTabs = new CapturedTabs(new StreamStore(), tabChanged);

const streams: Streams = new Streams({
  host,
  offscreen,
  relay,
  captured,
  getTab,
  getMediaStreamId: (targetTabId) => chrome.tabCapture.getMediaStreamId({ targetTabId }),
});

const recordings: TabRecordings = new TabRecordings({ streams, captured, host, onChange: tabChanged });

function tabChanged(tab_id: number): void {
  void showBadge(tab_id, captured.view(tab_id), recordings.view(tab_id).phase);
  void showMenu(captured, tab_id);
  popups.push(tab_id);
  if (captured.view(tab_id).phase === "idle") void owners.ended(tab_id);
  if (captured.recordOf(tab_id)?.recorded !== true) void recorders.ended(tab_id);
  idle.check();
}

const popups: PopupServer = new PopupServer({
  streams,
  captured,
  recordings,
  host,
  getTab,
  loadQuality,
  saveQuality,
  reopen: openPopup,
  onChange: () => idle.check(),
});

const owners: PageOwners = new PageOwners("page_streams", (tab_id, reason) => {
  void streams.stopStream(tab_id, reason);
});
const recorders: PageOwners = new PageOwners("page_recordings", (tab_id) => {
  void recordings.stop(tab_id).catch(() => {}); // it has ended already
});
const store: PairingStore = new PairingStore(() => pairingPages.push());
const prompts = new PairingPrompts({ open: openPromptWindow, close: (window_id) => browser.windows.remove(window_id) });
const pairingPages: PairingPages = new PairingPages({ prompts, store, owners: [owners, recorders], keeper });
const pages = new PageServer({
  pairing: new Pairing({ store, prompts }),
  actions: new PageActions({
    ...{ streams, captured, recordings, host, owners, recorders },
    urlOf: async (tab_id) => (await getTab(tab_id)).url,
  }),
  ready: () => takenOver,
});

const extensions = new ExtensionServer({ pages, getTab: (tab_id) => browser.tabs.get(tab_id) });

const idle = new IdleTimer(
  () => captured.tabs.length > 0 || popups.open > 0 || recordings.unfinished,
  () => {
    void offscreen.close();
    keeper.idle();
  },
  IDLE_AFTER,
);

browser.runtime.onConnect.addListener((connected) => {
  const port = connected as unknown as chrome.runtime.Port;
  // Web pages and other extensions can't reach this event; our content script speaks for the page it is in.
  if (port.name === PAGE_PORT) pages.takePort(port);
  else if (!port.sender?.url?.startsWith(browser.runtime.getURL(""))) port.disconnect();
  else if (port.name === OFFSCREEN_PORT) offscreen.takePort(port);
  else if (port.name === POPUP_PORT) popups.takePort(port);
  else if (port.name === PAIRING_PORT) pairingPages.takePromptPort(port);
  else if (port.name === OPTIONS_PORT) pairingPages.takeOptionsPort(port);
});

// Other extensions; web pages can't, as the manifest names none in externally_connectable.
chrome.runtime.onMessageExternal.addListener((message: unknown, sender, answer) => {
  void extensions.receive(message, sender).then(answer);
  return true; // the answer comes later
});

self.addEventListener("message", (event: MessageEvent) => {
  const source = event.source as { url?: string } | null;
  const [port] = event.ports;
  if (!port || !source?.url?.startsWith(browser.runtime.getURL(OFFSCREEN_PATH))) return;
  relay.takePort(port as RelayPort);
  offscreen.mediaPortArrived();
});

browser.tabs.onRemoved.addListener((tab_id) => {
  streams.tabRemoved(tab_id);
  recordings.tabRemoved(tab_id);
  void store.tabRemoved(tab_id);
});
browser.windows.onRemoved.addListener((window_id) => prompts.windowClosed(window_id));
browser.tabs.onUpdated.addListener((tab_id, change, tab) => {
  if (change.url !== undefined) for (const kind of [owners, recorders]) void kind.navigated(tab_id, change.url);
  if (change.url !== undefined || change.title !== undefined) {
    streams.tabUpdated(tab_id, tab.url ?? "", tab.title ?? "", change.url !== undefined);
  } else if (change.status !== undefined && captured.tabs.includes(tab_id)) {
    void showBadge(tab_id, captured.view(tab_id), recordings.view(tab_id).phase);
  }
});
// Chrome starts the worker with the browser only for these two; programs need the host at once.
browser.runtime.onStartup.addListener(() => {});
browser.runtime.onInstalled.addListener(() => {});
listenToMenuAndShortcut({ streams, captured });

const takenOver = streams.takeOver();
void takenOver.then(() => {
  idle.check();
  void keeper.begin();
});
