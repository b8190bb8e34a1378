// The native host: constructs every part, wires them, and ends them. One process serves one browser profile, for as long as its
// extension holds the connection.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { FlyBrowserError, serializeError, toFlyBrowserError } from "../protocol/errors.ts";
import type { HostInfo, StreamIdentity } from "../protocol/native-messages.ts";
import { removeControlFile, removeStaleControlFiles, writeControlFile } from "../protocol/node/control-files.ts";
import { executableParts, isExecutable } from "../protocol/node/executable.ts";
import { BROWSER_PID, browserPid, identityOf } from "../protocol/node/processes.ts";
import { ensureStateDirectory, logFile, recordingsDirectory } from "../protocol/node/state-directory.ts";
import {
  parseQuality,
  parseShare,
  type ResolvedDestination,
  type ResolvedStartStreamOptions,
} from "../protocol/options.ts";
import type { StopRecordingResult } from "../protocol/results.ts";
import { say, type Words } from "../protocol/sentence.ts";
import type { Transport } from "../protocol/transport.ts";
import { PROTOCOL_VERSION, SOFTWARE_VERSION } from "../protocol/version.ts";
import { ffmpegWith, hasFpsMode } from "./ffmpeg/capabilities.ts";
import { Encoders } from "./ffmpeg/encoders.ts";
import { jpegOf } from "./ffmpeg/picture.ts";
import { FfmpegSource } from "./ffmpeg/source.ts";
import { FINISH_ARGUMENT } from "./finish-argument.ts";
import { finishAndExit, leaveToFinish } from "./finish-recordings.ts";
import { beginning, continuedSession, endFrozen, handOver, nextConnection, removeBridge } from "./handover.ts";
import { controlApi } from "./http/control.ts";
import { EventLog } from "./http/control-events.ts";
import { LiveStreams } from "./http/live-streams.ts";
import { createHttpServer } from "./http/server.ts";
import { hasSharedCache } from "./http/shared-cache.ts";
import { WhepSessions } from "./http/whep-sessions.ts";
import { whepSettings } from "./http/whep-settings.ts";
import { assertSupported } from "./ingest/plan.ts";
import { Ladder } from "./ladder/ladder.ts";
import { listenSomewhere } from "./listen.ts";
import { partLogger, startLogging } from "./logging.ts";
import { HostMetrics, metricsOpen } from "./metrics/host-metrics.ts";
import { nativeMessagingTransport } from "./native-messaging.ts";
import { Packager } from "./packager/packager.ts";
import { type ExtensionPeer, openSession } from "./session.ts";
import { StreamSharing } from "./sharing/stream-sharing.ts";
import { GUARD_ARGUMENT, guardAndExit } from "./sharing/tunnel-guard.ts";
import { Ways } from "./sharing/ways.ts";
import { type ClippedStream, Clips } from "./sinks/clip/clips.ts";
import type { DestinationTools } from "./sinks/destination-kind.ts";
import { Recordings } from "./sinks/recording/recordings.ts";
import { createDestination, createDestinations, outlineOf } from "./sinks/registry.ts";
import { hasLibrary } from "./sinks/relay/library.ts";
import { RELAY_ARGUMENT } from "./sinks/relay/relay-argument.ts";
import { relayAndExit } from "./sinks/relay/relay-process.ts";
import { Relays } from "./sinks/relay/relays.ts";
import { Publishers } from "./sinks/whip/publishers.ts";
import { randomToken } from "./stream/identity.ts";
import type { Publication } from "./stream/publication.ts";
import { StreamRegistry, type StreamRequest } from "./stream/registry.ts";
import { endedSeconds, rewindWindow } from "./stream/rewind.ts";
import { Stream } from "./stream/stream.ts";
import { packagerOptions } from "./stream/timeline.ts";

/** Bytes that a destination's own packager may keep. */
const PUSH_BYTES = 64 * 1024 * 1024;
/** ms for which what can wait does, where streams of another host go on: who FFmpeg is, recordings that others have left. */
const VIEWERS_FIRST = 3_000;
/** ms in which everything must be closed once the browser is gone. */
const CLOSE_WITHIN = 1_500;

if (process.argv.includes(GUARD_ARGUMENT)) await guardAndExit();
if (process.argv.includes(FINISH_ARGUMENT)) await finishAndExit();
if (process.argv.includes(RELAY_ARGUMENT)) await relayAndExit();

const stateDir = ensureStateDirectory();
const endLogging = startLogging(logFile(stateDir), process.env.FLYBROWSER_LOG_LEVEL);
const log = partLogger("main");
log.info("host {version} begins, Node {node}", { version: SOFTWARE_VERSION, node: process.version });
const continued = continuedSession(await beginning(stateDir, process.stdin, process.stdout));
if (continued !== null && (await handOver(stateDir, continued, process.stdin, process.stdout))) {
  log.info("the connection has ended");
  endLogging();
  process.exit(0);
}
const stale = removeStaleControlFiles(stateDir);
if (stale > 0) log.info("{stale} hosts had died without cleaning up", { stale });

const ffmpeg = new FfmpegSource(stateDir);
const session_id = `session_${randomToken(9)}`;
const token = randomToken(32);
const wall_token = randomToken(18);
const browser = browserPid();
const window = rewindWindow(process.env);
const ended_seconds = endedSeconds(process.env);
let port = 0;
/** Why no stream can be shown. */
let problem: FlyBrowserError | null = null;

let encoders: { readonly path: string; readonly all: Encoders } | null = null;

/** The encoders of the FFmpeg at hand. */
function encodersOf(ffmpeg_path: string): Encoders {
  if (encoders?.path === ffmpeg_path) return encoders.all;
  const all = new Encoders({ ffmpeg_path, state_dir: stateDir, forced: process.env.FLYBROWSER_ENCODER });
  encoders = { path: ffmpeg_path, all };
  return all;
}

/** The rungs of a stream. Software makes them: a GPU has few sessions, and the source may need them. */
async function ladderOf(packager: Packager, options: ResolvedStartStreamOptions): Promise<Ladder> {
  const { path, version } = await ffmpeg.known();
  return new Ladder({
    ...{ packager, options, ffmpeg_path: path },
    fps_mode: hasFpsMode(version),
    cores: availableParallelism(),
    encoder: (codec) => encodersOf(path).software(codec),
  });
}

async function publish(stream: Stream, identity: StreamIdentity, options: ResolvedStartStreamOptions): Promise<void> {
  if (problem) throw problem;
  const tools: DestinationTools = {
    ffmpegPath: async (protocol) => ffmpegWith(protocol, (await ffmpeg.get()).path),
    openPublisher: (destination_id, onReport) => publishers.open(stream.stream_id, destination_id, onReport),
    packager: (seconds) =>
      new Packager({ ...packagerOptions(identity, options, { seconds, bytes: PUSH_BYTES }, stream.clock), near: true }),
  };
  const makeDestination = (asked: ResolvedDestination) =>
    createDestination({ options: asked, prefix: "", required: false }, outlineOf(publication.options, false), tools);
  const resumed = identity.generation > 0;
  const destinations = createDestinations(options, resumed, tools);
  const packager = new Packager(packagerOptions(identity, options, window, stream.clock));
  const { stream_id } = identity;
  const ladder = options.renditions === "auto" ? await ladderOf(packager, options) : null;
  const sharing = new StreamSharing({
    ...{ ways, stream_id, share: options.share ?? ways.usual },
    path: () => publication.links.path,
    pages: () => publication.watchPages,
    onPagesChange: (listener) => publication.destinations.onChange(listener),
    onWish: (share) => extension.emit("sharing_changed", { stream_id, share }),
  });
  const parts = { identity, options, destinations, makeDestination, packager, ladder, sharing };
  const publication: Publication = stream.publish(parts);
  publication.links.onChange(() => {
    extension.emit("links_changed", { stream_id, links: publication.links.stored });
  });
  let missing = packager.missing;
  packager.onChange(() => {
    if (packager.missing === missing) return;
    missing = packager.missing;
    extension.emit("holes_changed", { stream_id, missing });
  });
  liveStreams.add(publication);
  void sharing.begin(!resumed);
}

async function makeStream({ identity, options, tab, last, private: hidden }: StreamRequest): Promise<Stream> {
  const { stream_id } = identity;
  // A stream of a host that died had this FFmpeg work, and its viewers wait.
  const { path, version } = await (identity.generation > 0 ? ffmpeg.known() : ffmpeg.get());
  const encoders = encodersOf(path);
  await assertSupported(options, encoders);
  return new Stream({
    identity,
    session_id,
    options,
    ...{ tab, last, private: hidden },
    port,
    ffmpeg_path: path,
    fps_mode: hasFpsMode(version),
    encoders,
    cores: availableParallelism(),
    whep: whep.offered,
    shared_cache: hasSharedCache(process.env),
    whole_addresses: process.env.FLYBROWSER_ADDRESSES === "whole",
    viewerCount: () => server.viewerCount(stream_id),
    playback: () => server.playback(stream_id),
    linkViewers: (link_id) => server.linkViewers(stream_id, link_id),
    recording: () => recordings.of(stream_id),
    events: {
      chunkAccepted: (run, bytes, eager) => extension.emit("chunk_accepted", { stream_id, run, bytes, eager }),
      status: (info) => {
        extension.emit("stream_status", { stream_id, info });
        events.status(info);
      },
      task: (event) => events.add("task", event),
      part: (rendition_id, seconds) => metrics.partReady(rendition_id, seconds),
      runNeeded: (reason, orderly) => extension.emit("run_needed", { stream_id, reason, orderly }),
      failed: (error) => extension.emit("stream_failed", { stream_id, error: serializeError(error) }),
    },
  });
}

const liveStreams = new LiveStreams(ended_seconds * 1000);
const events = new EventLog(randomToken(6));
const registry = new StreamRegistry({ stream: makeStream, publish });
const recordings = new Recordings({
  home: recordingsDirectory(),
  ffmpegPath: async () => (await ffmpeg.get()).path,
  browser: browser === null ? undefined : identityOf(browser),
  offers: process.env.FLYBROWSER_OFFER_RECORDINGS === "on",
});

recordings.onChange((info) => {
  events.recording(info);
  if (port > 0) extension.emit("recording_changed", { stream_id: info.stream_id, recording: info });
});
const metrics = new HostMetrics({
  version: SOFTWARE_VERSION,
  streams: () =>
    registry.known().map((each) => {
      const { stream_id } = each;
      return { ...each, viewers: server.viewers(stream_id), webrtc: relays.loss(stream_id) };
    }),
});

const clips = new Clips({ folder: join(stateDir, "clips"), ffmpegPath: async () => (await ffmpeg.get()).path });

/** A stream for its clips. @throws FlyBrowserError `no_active_stream` */
function clipped(stream_id: string): ClippedStream {
  const { packager } = registry.requirePublished(stream_id);
  const { source, tasks, clock } = registry.require(stream_id);
  return { ...{ packager, url: source.url, title: source.title }, findTask: (id) => tasks.find(id), now: clock.now };
}

/** A tab that is only recorded is let go by the extension, with the last of its media. */
async function stopRecording(stream_id: string): Promise<StopRecordingResult> {
  if (registry.find(stream_id)?.publication === null) return extension.call("stopRecording", { stream_id });
  return recordings.stop(stream_id);
}

/** The id of one of a stream's destinations. @throws FlyBrowserError `destination_not_found`, `no_active_stream` */
function knownDestination(stream_id: string, destination_id: string): string {
  const known = registry.requirePublished(stream_id).destinations.statuses;
  if (known.some((each) => each.destination_id === destination_id)) return destination_id;
  throw new FlyBrowserError("destination_not_found", { destination_id });
}

const control = controlApi(
  {
    listTabs: () => extension.call("listTabs", {}),
    startStream: (tab, options, admit_tabs) => extension.call("startStream", { tab, options, admit_tabs }),
    admitTab: (stream_id, tab) => extension.call("admitTab", { stream_id, tab }),
    showNotice: (stream_id, text, seconds) => extension.call("showNotice", { stream_id, text, seconds }),
    stopStream: (stream_id) => extension.call("stopStream", { stream_id }),
    createLink: (stream_id, input) => registry.require(stream_id).createLink(input),
    revokeLink: (stream_id, link_id) => registry.require(stream_id).revokeLink(link_id),
    controlDesk: (stream_id) => {
      const { control, links } = registry.requirePublished(stream_id);
      return { desk: control, has_link: links.allowsControl };
    },
    wallUrl: () => `http://127.0.0.1:${port}/wall/${wall_token}/`,
    setQuality: async (stream_id, quality) => {
      const asked = parseQuality(quality);
      registry.requirePublished(stream_id);
      return extension.call("setQuality", { stream_id, quality: asked });
    },
    setSharing: (stream_id, share) => registry.require(stream_id).setSharing(parseShare(share)),
    listStreams: () => registry.list(),
    streamStatus: (stream_id) => registry.status(stream_id),
    startMarks: (stream_id) => registry.require(stream_id).trace.marks,
    addDestination: (stream_id, destination) => extension.call("addDestination", { stream_id, destination }),
    removeDestination: (stream_id, destination_id) =>
      extension.call("removeDestination", { stream_id, destination_id: knownDestination(stream_id, destination_id) }),
    startRecording: async (stream_id, options) => recordings.start(registry.require(stream_id), options),
    recordTab: (tab, options) => extension.call("startRecording", { tab, options }),
    beginPrivate: (private_id, request) => extension.call("beginPrivate", { private_id, ...request }),
    endPrivate: (private_id) => extension.call("endPrivate", { private_id }),
    stopRecording,
    listRecordings: () => recordings.list(),
    findRecording: (recording_id) => recordings.find(recording_id),
    clip: (stream_id, options) => clips.make(() => clipped(stream_id), options),
    recordedStream: (recording_id) => recordings.recordedStream(recording_id),
    beginTask: (stream_id, task) => registry.require(stream_id).tasks.begin(task),
    updateTask: (stream_id, task_id, change) => registry.require(stream_id).tasks.update(task_id, change),
    clipTask: async (stream_id, task_id) => {
      const { tasks } = registry.require(stream_id);
      return tasks.addClip(task_id, await clips.make(() => clipped(stream_id), { task_id }));
    },
    events,
    metrics: { open: metricsOpen(process.env), type: metrics.type, text: () => metrics.text() },
  },
  token,
  SOFTWARE_VERSION,
);

/** The built player lies beside the built host; from the sources it is in dist/ too, and the executable has it among its parts. */
function playerDirectory(): string {
  if (isExecutable()) return join(executableParts(), "player");
  const beside = join(import.meta.dirname, "..", "player");
  const built = join(import.meta.dirname, "..", "dist", "player");
  return import.meta.url.endsWith(".ts") && existsSync(built) ? built : beside;
}

const whepOptions = whepSettings(process.env);
const publishers = new Publishers((method, params) => extension.call(method, params), whepOptions.ice_servers);
const relays = new Relays({
  call: (method, params) => extension.call(method, params),
  available: whepOptions.relay && hasLibrary(),
});
const whep = new WhepSessions(
  {
    ready: (stream_id) => relays.ready(stream_id),
    openViewer: (params) => extension.call("openViewer", params),
    addViewerCandidates: (params) => extension.call("addViewerCandidates", params),
    closeViewer: (params) => extension.call("closeViewer", params),
  },
  whepOptions,
);

const server = createHttpServer({
  streams: liveStreams,
  player_directory: playerDirectory(),
  control,
  whep,
  openInputChannel: (stream_id, events) => relays.openInput(stream_id, events),
  shared_cache: hasSharedCache(process.env),
  offered: (stream_id) => recordings.offered(stream_id),
  makePoster: async (media) => jpegOf((await ffmpeg.get()).path, media),
  wall: { control_token: token, wall_token },
  log: partLogger("http"),
});

const ways = new Ways({ environment: process.env, entrance: server, port: () => port });

let hello: Promise<HostInfo> | null = null;

async function greet(preferred_port: number | null, resumes: readonly string[]): Promise<HostInfo> {
  const goes_on = preferred_port !== null;
  const found = ffmpeg.known().catch(() => null);
  ({ port, problem } = await listenSomewhere(server, preferred_port, process.env));
  const host_version = SOFTWARE_VERSION;
  const started_at = new Date().toISOString();
  writeControlFile(stateDir, { pid: process.pid, port, token, started_at, host_version, session_id });
  log.info("listening on 127.0.0.1, port {port}", { port });
  if (problem) log.error("{problem}", { problem });
  recordings
    .recover(resumes, goes_on ? VIEWERS_FIRST : 0)
    .catch((error: unknown) => log.error("leftover recordings: {error}", { error }));
  const info = {
    protocol_version: PROTOCOL_VERSION,
    host_version,
    session_id,
    pid: process.pid,
    port,
    ffmpeg: await found,
    log_file: logFile(stateDir),
    share: ways.usual,
    ended_seconds,
    problem: problem && serializeError(problem),
  };
  // Run before a stream needs it, but not before the answer has left; streams that go on need the cores first.
  if (goes_on) setTimeout(() => ffmpeg.prepare(), VIEWERS_FIRST).unref();
  else setImmediate(() => ffmpeg.prepare());
  return info;
}

let ending = false;

/** Closes everything and ends the process. Nothing may outlive the browser: what hangs is cut off. */
async function end(reason: string, status: number): Promise<void> {
  if (ending) return;
  ending = true;
  log.info("the host ends: {reason}", { reason });
  removeControlFile(stateDir, process.pid);
  removeBridge(stateDir, session_id);
  const exit = () => {
    endLogging();
    process.exit(status);
  };
  setTimeout(exit, CLOSE_WITHIN);
  extension.close();
  liveStreams.close();
  clips.close();
  relays.close();
  // Before the streams end, so that nothing is begun that there is no time for.
  if ((await recordings.close()) > 0) leaveToFinish();
  await Promise.allSettled([registry.killAll(), server.close(), ways.close()]);
  exit();
}

/** Speaks with the extension over a connection. */
function converse(transport: Transport): ExtensionPeer {
  return openSession({
    transport,
    registry,
    recordings,
    clip: (stream_id, options) => clips.make(() => clipped(stream_id), options),
    onHello: (preferred_port, resumes) => {
      hello ??= greet(preferred_port, resumes);
      return hello;
    },
    onExpected: (stream_ids) => liveStreams.expect(stream_ids),
    endFrozen: (session) => endFrozen(stateDir, session),
    onPublisher: (publisher_id, report) => publishers.changed(publisher_id, report),
    findFfmpeg: () => ffmpeg.get().catch(() => null),
    onViewers: (stream_id, viewers) => whep.changed(stream_id, viewers),
    onClose: (reason) => void disconnected(reason),
  });
}

/** The connection was lost: by another one that comes at once the streams go on, else the host ends. */
async function disconnected(reason: Words): Promise<void> {
  // Without a launcher in front of it the browser kills it in a moment.
  const may_live = process.env[BROWSER_PID] !== undefined && browser !== null && registry.any && !ending;
  const next = may_live ? await nextConnection({ state_dir: stateDir, session_id, browser }) : null;
  if (next === null || ending) return end(say(reason), 0);
  log.info("the connection was lost, and made anew");
  extension = converse(nativeMessagingTransport(next, next));
  for (const { stream_id, publication } of registry.all) {
    if (!publication) continue;
    extension.emit("links_changed", { stream_id, links: publication.links.stored });
    extension.emit("holes_changed", { stream_id, missing: publication.packager.missing });
  }
  for (const info of recordings.list()) {
    const { stream_id } = info;
    if (registry.find(stream_id)) extension.emit("recording_changed", { stream_id, recording: info });
  }
}

let extension: ExtensionPeer = converse(nativeMessagingTransport(process.stdin, process.stdout));

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void end(signal, 0));
process.on("uncaughtException", (thrown) => {
  log.fatal("{error}", { error: toFlyBrowserError(thrown).cause ?? thrown });
  if (registry.failed(thrown)) return;
  void end("an error that nobody handled", 1);
});
