// Entry of the offscreen document: the captures by stream, and the link to the service worker.
// Never decides when a stream starts or ends.
import { FlyBrowserError } from "../../protocol/errors.ts";
import { BackgroundLink } from "./background-link.ts";
import { CaptureSession } from "./capture-session.ts";

const sessions = new Map<string, CaptureSession>();

const link: BackgroundLink = new BackgroundLink({
  handlers: {
    startCapture: async (request) => {
      const { stream_id } = request;
      if (sessions.has(stream_id)) throw new FlyBrowserError("stream_already_active");
      const session = await CaptureSession.begin({
        request,
        port: () => link.mediaPort,
        onEnded: (reason) => {
          sessions.delete(stream_id);
          link.captureEnded(stream_id, reason);
        },
      });
      sessions.set(stream_id, session);
      return session.picture;
    },
    restartRun: async ({ stream_id, reason }) => {
      const session = sessions.get(stream_id);
      if (!session) throw new FlyBrowserError("no_active_stream");
      await session.restartForNewReader(reason);
      return {};
    },
    stopCapture: async ({ stream_id }) => {
      const session = sessions.get(stream_id);
      sessions.delete(stream_id);
      await session?.stop();
      return {};
    },
    listCaptures: () => [...sessions.keys()],
  },
  onAck: ({ stream_id, run, bytes }) => sessions.get(stream_id)?.accepted(run, bytes),
  onLost: () => {
    // Without a capture this document is of no use, and connecting would only wake the worker that Chrome let sleep.
    if (sessions.size === 0) window.close();
    for (const session of sessions.values()) void session.pause("the service worker was restarted");
    return sessions.size > 0;
  },
});

void link.connect();
