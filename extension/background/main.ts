// Entry of the service worker: makes the parts and connects them with Chrome's events. Chrome wakes the worker for an event, so
// every listener is registered before the first await.
import * as v from "valibot";
import browser from "webextension-polyfill";
import { deserializeError, FlyBrowserError } from "../../protocol/errors.ts";
import { OFFSCREEN_PORT, POPUP_PORT } from "../../protocol/extension-messages.ts";
import { OPTIONS_PORT, PAGE_PORT, PAIRING_PORT } from "../../protocol/page-messages.ts";
import { NO_STREAM_STOP } from "../../protocol/results.ts";
import api from "../page/api.iife.ts?script";
import bridge from "../page/bridge.iife.ts?script";
import { Badges } from "./badge.ts";
import { CapturedTabs, type StreamView } from "./captured-tabs.ts";
import { storedChoices } from "./choices.ts";
import { ExtensionServer } from "./extension-server.ts";
import { Following } from "./following.ts";
import { HostConnection } from "./host-connection.ts";
import { HostLifetime } from "./host-lifetime.ts";
import { HostStreams } from "./host-streams.ts";
import { MediaRelay, type RelayPort } from "./media-relay.ts";
import { listenToMenuAndShortcut, openPopup, showMenu } from "./menu-and-shortcut.ts";
import { OFFSCREEN_PATH, OffscreenConnection } from "./offscreen-connection.ts";
import { PageActions } from "./page-actions.ts";
import { PageOwners } from "./page-owners.ts";
import { PageScripts } from "./page-scripts.ts";
import { PageServer } from "./page-server.ts";
import { Pairing } from "./pairing.ts";
import { openPromptWindow, PairingPages } from "./pairing-pages.ts";
import { PairingPrompts } from "./pairing-prompts.ts";
import { PairingStore } from "./pairing-store.ts";
import { PopupPage } from "./popup-page.ts";
import { PopupServer } from "./popup-server.ts";
import { PrivateTabs, PrivateTimeSchema } from "./private-tabs.ts";
import { StoredValue } from "./storage.ts";
import { TabMedia } from "./tab-media.ts";
import { TabRecordSchema } from "./tab-record.ts";
import { TabRecordings } from "./tab-recordings.ts";
import {
  activeTab,
  activeTabOf,
  getTab,
  isAutomation,
  isMuted,
  listTabs,
  openerOf,
  pageOf,
  resolveTab,
} from "./tabs.ts";

/** @throws FlyBrowserError `no_active_stream` where nobody may see the stream. */
function ifSeen<Params extends { readonly stream_id: string }>(params: Params): Params {
  if (!captured.isSeen(params.stream_id)) throw new FlyBrowserError("no_active_stream");
  return params;
}

const host: HostConnection = new HostConnection({
  handlers: {
    listTabs: () => listTabs((tab_id) => captured.streamOf(tab_id)),
    startStream: async ({ tab, options, admit_tabs }) =>
      captured.startStream(following.whereIs(await resolveTab(tab)), options, admit_tabs),
    showNotice: async (notice) => {
      captured.require(notice.stream_id);
      return offscreen.call("showNotice", notice);
    },
    admitTab: async ({ stream_id, tab }) => following.admit(stream_id, await resolveTab(tab)),
    stopStream: async ({ stream_id }) =>
      captured.byStream(stream_id)?.stopStream("stopped by a program") ?? NO_STREAM_STOP,
    setQuality: ({ stream_id, quality }) => captured.require(stream_id).setQuality(quality),
    addDestination: ({ stream_id, destination }) => captured.require(stream_id).addDestination(destination),
    removeDestination: ({ stream_id, destination_id }) => captured.require(stream_id).removeDestination(destination_id),
    startRecording: async ({ tab, options }) => recordings.start(following.whereIs(await resolveTab(tab)), options),
    beginPrivate: async ({ private_id, tab, stream_id }) => {
      await privates.begin(private_id, await resolveTab(tab), stream_id);
      return {};
    },
    endPrivate: async ({ private_id }) => {
      await privates.end(private_id);
      return {};
    },
    stopRecording: ({ stream_id }) => recordings.stopById(stream_id),
    openViewer: async (params) => offscreen.call("openViewer", ifSeen(params)),
    addViewerCandidates: (params) => offscreen.call("addViewerCandidates", params),
    closeViewer: (params) => offscreen.call("closeViewer", params),
    openRelay: async (params) => offscreen.call("openRelay", ifSeen(params)),
    answerRelay: (params) => offscreen.call("answerRelay", params),
    closeRelay: (params) => offscreen.call("closeRelay", params),
    openPublisher: async (params) => offscreen.call("openPublisher", ifSeen(params)),
    answerPublisher: (params) => offscreen.call("answerPublisher", params),
    closePublisher: (params) => offscreen.call("closePublisher", params),
  },
  listeners: {
    chunk_accepted: (ack) => relay.acknowledge(ack),
    stream_status: ({ stream_id, info }) => captured.byStream(stream_id)?.statusArrived(info),
    recording_changed: ({ recording }) => recordings.changed(recording),
    stream_failed: ({ stream_id, error }) => captured.byStream(stream_id)?.fail(deserializeError(error)),
    links_changed: ({ stream_id, links }) => captured.byStream(stream_id)?.linksChanged(links),
    holes_changed: ({ stream_id, missing }) => captured.byStream(stream_id)?.holesChanged(missing),
    sharing_changed: ({ stream_id, share }) => captured.byStream(stream_id)?.sharedWith(share),
    run_needed: ({ stream_id, reason, orderly }) => captured.byStream(stream_id)?.restartRun(reason, orderly),
  },
  preferredPort: () => captured.preferredPort(),
  continues: () => captured.hostSession(),
  resumes: () => recordings.resumes(),
  streams: () => captured.lastInfos(),
  onLost: (lives) => {
    captured.hostLost(lives);
    lifetime.stay();
  },
  onChange: () => popups.push(),
});

const relay = new MediaRelay((event, params) => host.emit(event, params));

const offscreen = new OffscreenConnection({
  listeners: {
    capture_ended: ({ stream_id, reason }) => void following.captureEnded(stream_id, reason),
    viewers_changed: (event) => host.emit("viewers_changed", event),
    publisher_changed: (event) => host.emit("publisher_changed", event),
  },
  onReconnect: () => captured.offscreenReconnected(),
  onGone: () => captured.capturesLost(),
});

const isPrivate = (tab_id: number, stream_id: string) => privates.has(tab_id, stream_id);
const media: TabMedia = new TabMedia({
  offscreen,
  relay,
  getMediaStreamId: (targetTabId) => chrome.tabCapture.getMediaStreamId({ targetTabId }),
  isPrivate,
  isMuted,
});
const privates: PrivateTabs = new PrivateTabs({
  store: new StoredValue("session", "private", v.array(PrivateTimeSchema), []),
  streamOf: (tab_id) => captured.get(tab_id)?.stream_id ?? null,
  setPrivate: (stream_id, hidden) => media.setPrivate(stream_id, hidden),
  tell: (stream_id, hidden) => host.emit("private_changed", { stream_id, private: hidden }),
});

const captured: CapturedTabs = new CapturedTabs({
  host: new HostStreams(host, isPrivate),
  media,
  getTab,
  pageOf,
  isMuted,
  // In memory, for the extension alone: an RTMP key may be in it.
  store: new StoredValue("session", "tabs", v.array(TabRecordSchema), []),
  onChange: tabChanged,
  onMoved: (tab_id, before_id) => {
    recordings.tabReplaced(tab_id, before_id);
    tabChanged(before_id);
    tabChanged(tab_id);
  },
  onTabGone: (tab) => void following.handBack(tab),
});

const following: Following = new Following({
  ...{ captured, getTab, openerOf, pageOf, activeTab, activeTabOf },
  automation: isAutomation(),
});

const recordings: TabRecordings = new TabRecordings({ tabs: captured, host, onChange: tabChanged });

const badges = new Badges();
const popupPage = new PopupPage();
/** What the menu was last named after, by tab: a live tab changes every second, and its menu hardly ever does. */
const named = new Map<number, StreamView["phase"]>();

function tabChanged(tab_id: number): void {
  void badges.show(tab_id, captured.view(tab_id), recordings.view(tab_id).phase);
  const { phase } = captured.view(tab_id);
  if (named.get(tab_id) !== phase) void showMenu(captured, tab_id);
  named.set(tab_id, phase);
  popupPage.captured = captured.all.length > 0;
  popups.push();
  if (phase === "idle") void owners.ended(tab_id);
  if ((captured.get(tab_id)?.record.recording ?? "none") === "none") void recorders.ended(tab_id);
  lifetime.check();
}

/** Makes the offscreen document, which takes a tenth of a second, before a start needs it. One that captures is there already. */
function prepareStart(): void {
  if (captured.all.length === 0) media.prepare().catch(() => {}); // the start itself will say why not
}

const choices = storedChoices();
const { quality, share } = choices;
const popups: PopupServer = new PopupServer({
  captured,
  recordings,
  host,
  getTab,
  ...choices,
  reopen: openPopup,
  prepare: prepareStart,
  onChange: () => lifetime.check(),
});

const lifetime: HostLifetime = new HostLifetime({
  host,
  automation: isAutomation(),
  programs: new StoredValue("local", "programs_may_connect", v.boolean(), false),
  isNeeded: () => captured.all.length > 0 || popups.open > 0 || recordings.unfinished,
  onIdle: () => void offscreen.close(),
});

const owners: PageOwners = new PageOwners("page_streams", (tab_id, reason) => {
  void captured.stopStream(tab_id, reason);
});
const recorders: PageOwners = new PageOwners("page_recordings", (tab_id) => {
  void recordings.stop(tab_id).catch(() => {}); // it has ended already
});
const store: PairingStore = new PairingStore(() => pairingPages.push());
const scripts: PageScripts = new PageScripts({
  files: { api, bridge },
  scripting: chrome.scripting,
  permissions: chrome.permissions,
  onChange: () => pairingPages.push(),
});
const prompts = new PairingPrompts({ open: openPromptWindow, close: (window_id) => browser.windows.remove(window_id) });
const pairingPages: PairingPages = new PairingPages({ prompts, store, owners: [owners, recorders], lifetime, scripts });
const pages = new PageServer({
  pairing: new Pairing({ store, prompts }),
  actions: new PageActions({
    ...{ captured, recordings, host, owners, recorders },
    loadShare: () => share.load(),
    urlOf: async (tab_id) => (await getTab(tab_id)).url,
  }),
  ready: () => takenOver,
});
const extensions = new ExtensionServer({ pages, getTab: (tab_id) => browser.tabs.get(tab_id) });

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
  if (!following.tabRemoved(tab_id)) {
    captured.tabRemoved(tab_id);
    void privates.tabRemoved(tab_id).catch(() => {}); // its capture has gone with it
  }
  recordings.tabRemoved(tab_id);
  badges.forgotten(tab_id);
  named.delete(tab_id);
  void store.tabRemoved(tab_id);
});
browser.tabs.onReplaced.addListener((tab_id, replaced_id) => {
  recordings.tabReplaced(tab_id, replaced_id);
  for (const kind of [owners, recorders]) void kind.replaced(tab_id, replaced_id);
  void privates.tabReplaced(tab_id, replaced_id);
  captured.tabReplaced(tab_id, replaced_id);
});
browser.tabs.onActivated.addListener(({ tabId }) => void following.front(tabId));
browser.windows.onFocusChanged.addListener((window_id) => void following.focused(window_id));
browser.windows.onRemoved.addListener((window_id) => prompts.windowClosed(window_id));
browser.tabs.onUpdated.addListener((tab_id, change, tab) => {
  if (change.url !== undefined) for (const kind of [owners, recorders]) void kind.navigated(tab_id, change.url);
  if (change.status !== undefined || change.url !== undefined) badges.forgotten(tab_id);
  if (change.discarded === true) captured.tabDiscarded(tab_id);
  if (change.status !== undefined || change.discarded !== undefined || change.mutedInfo !== undefined)
    void captured.lookAtPages();
  if (change.url !== undefined || change.title !== undefined) {
    captured.tabUpdated(tab_id, tab.url ?? "", tab.title ?? "", change.url !== undefined);
    following.tabUpdated(tab_id);
  } else if (change.status !== undefined && captured.get(tab_id)) {
    void badges.show(tab_id, captured.view(tab_id), recordings.view(tab_id).phase);
  }
});
// Chrome starts the worker with the browser only for these two; programs need the host at once.
browser.runtime.onStartup.addListener(() => {});
browser.runtime.onInstalled.addListener(() => void scripts.apply()); // an update forgets what is registered
// The user can give and take permissions in Chrome's own pages too.
chrome.permissions.onAdded.addListener(() => void scripts.apply());
chrome.permissions.onRemoved.addListener(() => void scripts.apply());
listenToMenuAndShortcut({ captured, loadQuality: () => quality.load(), loadShare: () => share.load() });

const takenOver = captured.takeOver();
void takenOver.then(() => {
  popupPage.captured = captured.all.length > 0;
  lifetime.check();
  void lifetime.begin();
  if (isAutomation()) prepareStart(); // a program has started this browser to stream
});
