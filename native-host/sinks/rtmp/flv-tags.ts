// The bodies of RTMP's media messages: FLV tags for H.264 and AAC (Adobe's "Video File Format Specification", annex E), Enhanced
// RTMP for H.265 and VP9, onMetaData.
import { SOFTWARE_VERSION } from "../../../protocol/version.ts";
import type { InitSegment } from "../../media/init-segment.ts";
import type { Sample } from "../../media/unit.ts";
import { EcmaArray, encodeAmf0 } from "./amf0.ts";
import { MESSAGE } from "./messages.ts";

/** A media message without its timestamp. */
export interface FlvTag {
  /** `MESSAGE.video`, `MESSAGE.audio` or `MESSAGE.data`. */
  readonly type: number;
  readonly body: Buffer;
}

/** Codecs that go out by RTMP, and the FourCC of Enhanced RTMP for those that plain FLV has no number for. */
export const VIDEO_FOURCC = { h264: null, h265: "hvc1", vp9: "vp09" } as const;
/** A video codec that RTMP can carry. */
export type VideoCodec = keyof typeof VIDEO_FOURCC;

const KEYFRAME = 1;
const INTERFRAME = 2;
const AVC = 7;
/** AAC, "44 kHz, 16 bit, stereo": fixed for AAC, the truth is in AudioSpecificConfig. */
const AAC = 0xaf;
/** Bit that marks an Enhanced RTMP header, and its packet types. */
const ENHANCED = 0x80;
const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const CODED_FRAMES_X = 3;

/** The sequence header of the video. */
export function videoHeader(codec: VideoCodec, { config }: InitSegment): FlvTag {
  const fourCc = VIDEO_FOURCC[codec];
  const head =
    fourCc === null
      ? Buffer.from([(KEYFRAME << 4) | AVC, 0, 0, 0, 0])
      : Buffer.concat([Buffer.from([ENHANCED | (KEYFRAME << 4) | SEQUENCE_START]), Buffer.from(fourCc, "latin1")]);
  return { type: MESSAGE.video, body: Buffer.concat([head, config]) };
}

/** The sequence header of AAC. */
export function audioHeader({ config }: InitSegment): FlvTag {
  return { type: MESSAGE.audio, body: Buffer.concat([Buffer.from([AAC, 0]), config]) };
}

/** A frame of video; `composition`: ms from decoding to showing. */
export function videoFrame(codec: VideoCodec, sample: Sample, composition: number): FlvTag {
  const fourCc = VIDEO_FOURCC[codec];
  const frame = (sample.keyframe ? KEYFRAME : INTERFRAME) << 4;
  let head: Buffer;
  if (fourCc === null) {
    head = Buffer.alloc(5);
    head.set([frame | AVC, 1]);
    head.writeIntBE(composition, 2, 3);
  } else if (fourCc === "hvc1" && composition !== 0) {
    head = Buffer.alloc(8);
    head[0] = ENHANCED | frame | CODED_FRAMES;
    head.write(fourCc, 1, "latin1");
    head.writeIntBE(composition, 5, 3);
  } else {
    // Only H.264 and H.265 have a composition time at all; VP9's frames come in the order in which they are shown.
    head = Buffer.alloc(5);
    head[0] = ENHANCED | frame | (fourCc === "hvc1" ? CODED_FRAMES_X : CODED_FRAMES);
    head.write(fourCc, 1, "latin1");
  }
  return { type: MESSAGE.video, body: Buffer.concat([head, sample.data]) };
}

/** A frame of AAC. */
export function audioFrame(sample: Sample): FlvTag {
  return { type: MESSAGE.audio, body: Buffer.concat([Buffer.from([AAC, 1]), sample.data]) };
}

/** `onMetaData`: size and codecs, the bitrates where they are capped. `frame_rate`: frames a second */
export function metadata(codec: VideoCodec, video: InitSegment, audio: InitSegment | null, frame_rate: number): FlvTag {
  const kbits = ({ rendition: { bitrate } }: InitSegment, name: string) =>
    bitrate === null ? {} : { [name]: bitrate / 1000 };
  const fourCc = VIDEO_FOURCC[codec];
  const body = encodeAmf0(
    "@setDataFrame",
    "onMetaData",
    new EcmaArray({
      duration: 0,
      width: video.width,
      height: video.height,
      videocodecid: fourCc === null ? AVC : Buffer.from(fourCc, "latin1").readUInt32BE(),
      framerate: frame_rate,
      ...kbits(video, "videodatarate"),
      ...(audio && {
        audiocodecid: AAC >> 4,
        audiosamplerate: audio.sample_rate,
        audiosamplesize: 16,
        audiochannels: audio.channels,
        stereo: audio.channels === 2,
        ...kbits(audio, "audiodatarate"),
      }),
      encoder: `FlyBrowser Stream ${SOFTWARE_VERSION}`,
    }),
  );
  return { type: MESSAGE.data, body };
}
