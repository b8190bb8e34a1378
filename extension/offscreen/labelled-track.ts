// A copy of a captured track whose frames say of which matrix their pixels are: for WebRTC, which sends the label along.
import type { ColourMatrix } from "../../protocol/native-messages.ts";

/** Chrome's own classes, not in the standard's types for a document. */
declare const MediaStreamTrackProcessor: new (init: {
  track: MediaStreamTrack;
  maxBufferSize?: number;
}) => { readonly readable: ReadableStream<VideoFrame> };
declare const MediaStreamTrackGenerator: new (init: {
  kind: "video";
}) => MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };

/** A track of its own, to be closed by whoever asked for it. */
export interface LabelledTrack {
  readonly track: MediaStreamTrack;
  close(): void;
}

/** The same pixels with their true label. A copy: a frame's colour space can't be changed. */
async function labelled(frame: VideoFrame): Promise<VideoFrame> {
  const { format, codedWidth, codedHeight, timestamp, duration } = frame;
  if (format === null) return frame;
  const rect = { x: 0, y: 0, width: codedWidth, height: codedHeight };
  const data = new Uint8Array(frame.allocationSize({ rect }));
  const layout = await frame.copyTo(data, { rect });
  return new VideoFrame(data, {
    ...{ format, codedWidth, codedHeight, timestamp, layout, transfer: [data.buffer] },
    ...(duration === null ? {} : { duration }),
    visibleRect: frame.visibleRect ?? rect,
    colorSpace: { primaries: "bt709", transfer: "bt709", matrix: "smpte170m", fullRange: false },
  });
}

/** A copy of `source` that is labelled right; the captured label says BT.709 always. */
export function labelTrack(source: MediaStreamTrack, matrix: ColourMatrix): LabelledTrack {
  const copy = source.clone();
  if (matrix === "bt709") return { track: copy, close: () => copy.stop() };
  const generator = new MediaStreamTrackGenerator({ kind: "video" });
  const label = new TransformStream<VideoFrame, VideoFrame>({
    transform: async (frame, controller) => {
      const own = await labelled(frame);
      if (own !== frame) frame.close();
      controller.enqueue(own);
    },
  });
  const { readable } = new MediaStreamTrackProcessor({ track: copy, maxBufferSize: 2 });
  readable
    .pipeThrough(label)
    .pipeTo(generator.writable)
    .catch(() => copy.stop());
  const close = () => {
    copy.stop();
    generator.stop();
  };
  return { track: generator, close };
}
