// The conversation with one browser's extension: answers its calls, takes its media, asks it for things.
import type { ClipResult } from "../protocol/clips.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import {
  type EndedProcess,
  ExtensionContract,
  HostContract,
  type HostInfo,
  type PublisherReport,
  type StreamIdentity,
  type Viewer,
} from "../protocol/native-messages.ts";
import { NO_STREAM_STATUS } from "../protocol/results.ts";
import { type Handlers, type Listeners, Peer } from "../protocol/rpc.ts";
import { sentence, type Words } from "../protocol/sentence.ts";
import type { Transport } from "../protocol/transport.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { partLogger } from "./logging.ts";
import type { Recordings } from "./sinks/recording/recordings.ts";
import { assertServicesTake } from "./sinks/service-limits.ts";
import type { StreamRegistry } from "./stream/registry.ts";

const log = partLogger("session");

/** The connection to the extension. */
export type ExtensionPeer = Peer<typeof HostContract, typeof ExtensionContract>;

/** What a session needs. */
export interface SessionOptions {
  readonly transport: Transport;
  readonly registry: StreamRegistry;
  readonly recordings: Recordings;
  /** Looks for FFmpeg once more; `null`: there is none. */
  readonly findFfmpeg: () => Promise<HostInfo["ffmpeg"]>;
  /** Called before {@link onHello} answers, with the ids of the streams that will go on here. */
  readonly onExpected: (stream_ids: readonly string[]) => void;
  /** Ends the host of another session or its bridge, if that has been stopped; gives which. */
  readonly endFrozen: (session_id: string) => Promise<EndedProcess | null>;
  /** Called at the first valid hello: opens the port, and tells what the host is. */
  readonly onHello: (preferred_port: number | null, resumes: readonly string[]) => Promise<HostInfo>;
  /** Called when a viewer by WebRTC came or went, with all that are there. */
  readonly onViewers: (stream_id: string, viewers: readonly Viewer[]) => void;
  /** Called when a connection to a WHIP server has changed. */
  readonly onPublisher: (publisher_id: string, report: PublisherReport) => void;
  /** Called once, when the extension is gone. */
  readonly onClose: (reason: Words) => void;
  /** Makes a clip of a stream. @throws FlyBrowserError as `Clips.make` */
  readonly clip: (stream_id: string, options: unknown) => Promise<ClipResult>;
}

/**
 * Fails where the two sides can't talk.
 * @throws FlyBrowserError `version_mismatch`, naming the side to update
 */
export function assertSameProtocol(extension: number, host: number = PROTOCOL_VERSION): void {
  if (extension === host) return;
  const sides = [
    { name: "extension", version: extension },
    { name: "host", version: host },
  ].sort((a, b) => a.version - b.version);
  const [older, newer] = sides as [(typeof sides)[0], (typeof sides)[0]];
  throw new FlyBrowserError("version_mismatch", {
    older: older.name,
    older_version: older.version,
    newer: newer.name,
    newer_version: newer.version,
  });
}

/** Opens the conversation. */
export function openSession(options: SessionOptions): ExtensionPeer {
  const { registry, recordings } = options;
  let hello: Promise<HostInfo> | null = null;

  const afterHello = async (): Promise<void> => {
    if (!hello) throw new FlyBrowserError("invalid_message", { name: "hello", reason: sentence("message.not_first") });
    await hello;
  };

  const handlers: Handlers<typeof HostContract> = {
    async hello({ protocol_version, extension_version, user_agent, preferred_port, resumes, streams }) {
      log.info("extension {extension_version}, protocol {protocol_version}, {user_agent}", {
        extension_version,
        protocol_version,
        user_agent,
      });
      assertSameProtocol(protocol_version);
      if (!hello) {
        registry.expect(streams);
        options.onExpected(streams.map(({ stream_id }) => stream_id));
      }
      const again = hello !== null;
      hello ??= options.onHello(preferred_port, resumes);
      const info = await hello;
      // Asked again, since FFmpeg may have been installed meanwhile.
      return again && !info.ffmpeg ? { ...info, ffmpeg: await options.findFfmpeg() } : info;
    },
    async openStream({ tab, options: streamOptions, recording_id, ...opening }): Promise<StreamIdentity> {
      await afterHello();
      const identity = await registry.open(tab, streamOptions, opening);
      if (recording_id !== undefined) void recordings.resume(registry.require(identity.stream_id), recording_id);
      return identity;
    },
    endFrozen: async ({ session_id }) => ({ ended: await options.endFrozen(session_id) }),
    takenMedia: ({ stream_id }) => registry.require(stream_id).ingest.taken,
    publishStream: ({ stream_id, options: streamOptions }) => registry.publish(stream_id, streamOptions),
    unpublishStream: ({ stream_id, reason }) => registry.unpublish(stream_id, reason),
    async waitUntilPlayable({ stream_id, marks }) {
      await afterHello();
      const stream = registry.require(stream_id);
      stream.trace.add(marks);
      return stream.waitUntilPlayable();
    },
    async closeStream({ stream_id, reason }) {
      await afterHello(); // as `openStream`, which must not be overtaken
      return registry.close(stream_id, reason);
    },
    addDestination: ({ stream_id, destination }) => registry.requirePublished(stream_id).addDestination(destination),
    removeDestination: ({ stream_id, destination_id }) =>
      registry.requirePublished(stream_id).destinations.remove(destination_id),
    createLink: ({ stream_id, options: input }) => registry.require(stream_id).createLink(input),
    revokeLink: ({ stream_id, link_id }) => registry.require(stream_id).revokeLink(link_id),
    makeClip: ({ stream_id, options: input }) => options.clip(stream_id, input),
    prepareQuality: ({ stream_id, options: streamOptions }) => {
      const { destinations } = registry.requirePublished(stream_id);
      assertServicesTake(destinations.statuses, streamOptions);
      registry.require(stream_id).prepareQuality(streamOptions);
      return {};
    },
    waitUntilQuality: ({ stream_id, quality }) => registry.require(stream_id).waitUntilQuality(quality),
    setSharing: ({ stream_id, share }) => registry.require(stream_id).setSharing(share),
    startRecording: ({ stream_id, options: input }) => recordings.start(registry.require(stream_id), input),
    stopRecording: ({ stream_id }) => recordings.stop(stream_id),
    openRecording: async ({ recording_id, way }) => {
      await recordings.open(recording_id, way);
      return {};
    },
    beginTask: ({ stream_id, task }) => registry.require(stream_id).tasks.begin(task),
    updateTask: ({ stream_id, task_id, change }) => registry.require(stream_id).tasks.update(task_id, change),
    getStreamStatus: ({ stream_id }) => registry.status(stream_id) ?? NO_STREAM_STATUS,
  };

  const listeners: Listeners<typeof ExtensionContract> = {
    run_opened: (opening) =>
      registry.act(opening.stream_id, ({ ingest, trace }) => {
        trace.mark("first_slice");
        ingest.openRun(opening);
      }),
    chunk: ({ stream_id, run, sent_at, frames, unseen = 0, data }) =>
      registry.act(stream_id, (stream) => {
        if (frames !== undefined) stream.framesCaptured(frames, unseen);
        stream.ingest.write(run, Buffer.from(data, "base64"), sent_at);
      }),
    run_closed: ({ stream_id, run, reason }) => {
      log.info("run {run} of {stream_id} is closed: {reason}", { run, stream_id, reason });
      registry.act(stream_id, ({ ingest }) => ingest.closeRun(run));
    },
    frames_dropped: ({ stream_id, frames, reason }) => {
      log.warning("{frames} frames of {stream_id} were dropped: {reason}", { frames, stream_id, reason });
      registry.act(stream_id, (stream) => stream.framesDropped(frames));
    },
    tab_changed: ({ stream_id, ...tab }) => registry.act(stream_id, (stream) => stream.tab.shows(tab)),
    capture_changed: ({ stream_id, capture }) => registry.act(stream_id, (stream) => stream.captureChanged(capture)),
    private_changed: ({ stream_id, private: hidden }) => registry.act(stream_id, (stream) => stream.tab.hide(hidden)),
    muted_changed: ({ stream_id, muted }) => registry.act(stream_id, (stream) => stream.tab.mute(muted)),
    place_changed: ({ stream_id, place }) => registry.act(stream_id, (stream) => stream.tab.worksIn(place)),
    publisher_changed: ({ publisher_id, report }) => options.onPublisher(publisher_id, report),
    viewers_changed: ({ stream_id, viewers }) => options.onViewers(stream_id, viewers),
  };

  return new Peer({
    transport: options.transport,
    local: HostContract,
    remote: ExtensionContract,
    handlers,
    listeners,
    onClose: options.onClose,
    onInvalid: (error) => log.warning("{reason}", { reason: error.message }),
  });
}
