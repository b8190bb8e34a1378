// The bodies of RTMP's media messages: FLV tags for H.264 and AAC, Enhanced RTMP for H.265 and VP9, onMetaData.
// Never knows timestamps of the wire (feed.ts) or sockets.
import { SOFTWARE_VERSION } from "../../../protocol/version.ts";
import { EcmaArray, encodeAmf0 } from "./amf0.ts";
import { MESSAGE } from "./messages.ts";
import type { Sample } from "./samples.ts";
import { type AudioTrack, VIDEO_FOURCC, type VideoTrack } from "./tracks.ts";

/** A media message without its timestamp. */
export interface FlvTag {
  /** `MESSAGE.video`, `MESSAGE.audio` or `MESSAGE.data`. */
  readonly type: number;
  readonly body: Buffer;
  /** A frame that decoding can begin with. */
  readonly keyframe: boolean;
  /** A sequence header or metadata: without it, nothing after it can be decoded. */
  readonly header: boolean;
}

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

/** The sequence header of a video track. */
export function videoHeader(track: VideoTrack): FlvTag {
  const fourCc = VIDEO_FOURCC[track.codec];
  const head =
    fourCc === null
      ? Buffer.from([(KEYFRAME << 4) | AVC, 0, 0, 0, 0])
      : Buffer.concat([Buffer.from([ENHANCED | (KEYFRAME << 4) | SEQUENCE_START]), Buffer.from(fourCc, "latin1")]);
  return { type: MESSAGE.video, body: Buffer.concat([head, track.config]), keyframe: false, header: true };
}

/** The sequence header of an AAC track. */
export function audioHeader(track: AudioTrack): FlvTag {
  return {
    type: MESSAGE.audio,
    body: Buffer.concat([Buffer.from([AAC, 0]), track.config]),
    keyframe: false,
    header: true,
  };
}

/** A frame; `composition` is the ms from decoding to showing. */
export function videoFrame(track: VideoTrack, sample: Sample, composition: number): FlvTag {
  const fourCc = VIDEO_FOURCC[track.codec];
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
  return { type: MESSAGE.video, body: Buffer.concat([head, sample.data]), keyframe: sample.keyframe, header: false };
}

/** A frame of AAC. */
export function audioFrame(sample: Sample): FlvTag {
  return {
    type: MESSAGE.audio,
    body: Buffer.concat([Buffer.from([AAC, 1]), sample.data]),
    keyframe: false,
    header: false,
  };
}

/** What `onMetaData` may tell beyond the tracks; each may be left out. */
export interface StreamFigures {
  /** Frames a second. */
  readonly frame_rate?: number;
  /** bit/s */
  readonly video_bitrate?: number;
  readonly audio_bitrate?: number;
}

/** The `onMetaData` of the tracks. */
export function metadata(video: VideoTrack | null, audio: AudioTrack | null, figures: StreamFigures): FlvTag {
  const entries: Record<string, number | boolean | string> = { duration: 0 };
  if (video) {
    const fourCc = VIDEO_FOURCC[video.codec];
    entries.width = video.init.width;
    entries.height = video.init.height;
    entries.videocodecid = fourCc === null ? AVC : Buffer.from(fourCc, "latin1").readUInt32BE();
    if (figures.frame_rate !== undefined) entries.framerate = figures.frame_rate;
    if (figures.video_bitrate !== undefined) entries.videodatarate = figures.video_bitrate / 1000;
  }
  if (audio) {
    entries.audiocodecid = AAC >> 4;
    entries.audiosamplerate = audio.sampleRate;
    entries.audiosamplesize = 16;
    entries.audiochannels = audio.channels;
    entries.stereo = audio.channels === 2;
    if (figures.audio_bitrate !== undefined) entries.audiodatarate = figures.audio_bitrate / 1000;
  }
  entries.encoder = `FlyBrowser Stream ${SOFTWARE_VERSION}`;
  const body = encodeAmf0("@setDataFrame", "onMetaData", new EcmaArray(entries));
  return { type: MESSAGE.data, body, keyframe: false, header: true };
}
