// Entry of the offscreen document: the captures by stream, and the connection to the service worker, which starts and ends them.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import { type StartMarks, StartTrace } from "../../protocol/start-trace.ts";
import { BackgroundPorts } from "./background-ports.ts";
import type { Cover } from "./capture.ts";
import { CaptureSession } from "./capture-session.ts";
import { Curtain } from "./curtain.ts";
import { Notice } from "./notice.ts";

const sessions = new Map<string, CaptureSession>();
/** Captures that are about to begin, by stream; what is stopped meanwhile ends as soon as it has begun. */
const beginning = new Map<string, Promise<CaptureSession>>();
/** By stream; kept from one capture of a stream to the next. */
const covers = new Map<string, Cover>();

function coverOf(stream_id: string): Cover {
  const cover = covers.get(stream_id) ?? { curtain: new Curtain(), notice: new Notice() };
  covers.set(stream_id, cover);
  return cover;
}

async function begin(request: CaptureRequest, trace: StartTrace): Promise<CaptureSession> {
  const { stream_id } = request;
  const cover = coverOf(stream_id);
  if (request.private) cover.curtain.draw(); // one that is drawn stays so: the request may be older than that
  const session = await CaptureSession.begin({
    ...{ request, cover, trace },
    port: () => background.mediaPort,
    onEnded: (reason, closed) => {
      if (closed) sessions.delete(stream_id);
      background.captureEnded(stream_id, reason);
    },
    onViewers: (viewers) => background.viewersChanged(stream_id, viewers),
    onPublisher: (publisher_id, report) => background.publisherChanged(stream_id, publisher_id, report),
  });
  sessions.set(stream_id, session);
  background.viewersChanged(stream_id, []); // those of a capture that has gone are gone too
  return session;
}

async function start(request: CaptureRequest): Promise<CaptureSession["video"] & { marks: StartMarks }> {
  const { stream_id } = request;
  if (sessions.has(stream_id) || beginning.has(stream_id)) throw new FlyBrowserError("stream_already_active");
  const trace = new StartTrace();
  const begun = begin(request, trace).finally(() => beginning.delete(stream_id));
  beginning.set(stream_id, begun);
  return { ...(await begun).video, marks: trace.marks };
}

const background: BackgroundPorts = new BackgroundPorts({
  handlers: {
    startCapture: start,
    moveCapture: async (request) => {
      await sessions.get(request.stream_id)?.ending; // its tab was discarded just now: another one follows
      const session = sessions.get(request.stream_id);
      if (!session) return start(request);
      if (request.private) coverOf(request.stream_id).curtain.draw();
      await session.moveTo(request);
      return session.video;
    },
    letGo: async ({ stream_id }) => {
      const session = sessions.get(stream_id);
      if (!session) throw new FlyBrowserError("no_active_stream");
      await session.letGo();
      return {};
    },
    holdPicture: ({ stream_id, held }) => {
      sessions.get(stream_id)?.hold(held);
      return {};
    },
    setMuted: ({ stream_id, muted, muted_tab }) => {
      const session = sessions.get(stream_id);
      session?.muteForUser(muted);
      if (session) coverOf(stream_id).curtain.mute(muted && muted_tab === "silent");
      return {};
    },
    showNotice: ({ stream_id, text, seconds }) => {
      if (sessions.has(stream_id)) coverOf(stream_id).notice.show(text, seconds);
      return {};
    },
    restartRun: async ({ stream_id, reason, orderly }) => {
      const session = sessions.get(stream_id);
      if (!session || session.waits) throw new FlyBrowserError("no_active_stream");
      // Viewers live on through a change of hosts; the new one learns of them here.
      background.viewersChanged(stream_id, session.viewers.list);
      await (orderly ? session.restart(reason) : session.restartForNewHost(reason));
      return {};
    },
    continueRun: async ({ stream_id, taken }) => {
      const session = sessions.get(stream_id);
      if (!session || session.waits) return { goes_on: false };
      background.viewersChanged(stream_id, session.viewers.list); // who came or went meanwhile
      return { goes_on: await session.continueRun(taken) };
    },
    stopCapture: async ({ stream_id }) => {
      await beginning.get(stream_id)?.catch(() => {}); // who asked for it is told
      const session = sessions.get(stream_id);
      sessions.delete(stream_id);
      await session?.stop();
      covers.delete(stream_id);
      return {};
    },
    setPrivate: async ({ stream_id, private: hidden }) => {
      if (hidden) coverOf(stream_id).curtain.draw();
      else if (sessions.has(stream_id) || beginning.has(stream_id)) await coverOf(stream_id).curtain.lift();
      else covers.delete(stream_id);
      return {};
    },
    closeViewers: ({ stream_id }) => {
      sessions.get(stream_id)?.viewers.closeAll();
      return {};
    },
    openViewer: async ({ stream_id, viewer, offer, ...ways }) => {
      const session = sessions.get(stream_id);
      if (!session) throw new FlyBrowserError("no_active_stream");
      return { answer: await session.viewers.open(viewer, offer, ways) };
    },
    addViewerCandidates: async ({ stream_id, viewer_id, candidates }) => {
      await sessions.get(stream_id)?.viewers.addCandidates(viewer_id, candidates);
      return {};
    },
    closeViewer: ({ stream_id, viewer_id }) => {
      sessions.get(stream_id)?.viewers.close(viewer_id);
      return {};
    },
    openRelay: async ({ stream_id }) => {
      const session = sessions.get(stream_id);
      if (!session) throw new FlyBrowserError("no_active_stream");
      return session.viewers.openRelay();
    },
    answerRelay: async ({ stream_id, answer }) => {
      const session = sessions.get(stream_id);
      if (!session) throw new FlyBrowserError("no_active_stream");
      await session.viewers.answerRelay(answer);
      return {};
    },
    closeRelay: ({ stream_id }) => {
      sessions.get(stream_id)?.viewers.closeRelay();
      return {};
    },
    openPublisher: async ({ stream_id, publisher_id, destination_id, ice_servers }) => {
      const session = sessions.get(stream_id);
      if (!session) throw new FlyBrowserError("no_active_stream");
      return { offer: await session.publishers.open(publisher_id, destination_id, ice_servers) };
    },
    answerPublisher: async ({ stream_id, publisher_id, answer }) => {
      const session = sessions.get(stream_id);
      if (!session) throw new FlyBrowserError("no_active_stream");
      await session.publishers.answer(publisher_id, answer);
      return {};
    },
    closePublisher: ({ stream_id, publisher_id }) => {
      sessions.get(stream_id)?.publishers.close(publisher_id);
      return {};
    },
  },
  onAck: ({ stream_id, run, bytes, eager }) => sessions.get(stream_id)?.accepted(run, bytes, eager),
  onLost: () => {
    // Without a capture this document is of no use, and connecting would only wake the worker that Chrome let sleep.
    if (sessions.size === 0) window.close();
    return sessions.size > 0; // the media wait for the next one
  },
});

void background.connect();
