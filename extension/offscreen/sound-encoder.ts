// The sound of a captured tab as packets of Opus of 20 ms, as it comes. Digital silence, which is what most tabs give, is not encoded.
import { SoundTimes } from "./capture-times.ts";
import { PACKET, type SoundPacket, SoundPackets } from "./sound-packets.ts";

/** Packets of silence that are encoded before it is only said: the encoder still has something of the sound before it. */
const FADE = 5;
/** A packet of silence: CELT, 20 ms, two channels, with the bit set that says so (RFC 6716 3.1 and 4.3). */
const SILENCE = Uint8Array.of(0xfc, 0xff, 0xfe);
/** Buffers of 10 ms that may wait for a busy document. */
const MAX_WAITING = 100;
/** ms by which sound that has just come is older than the newest ever was, and ms in which all is read at once, for its times. */
const CAUGHT_UP = 15;
const SETTLING = 500;
/** 0 to 10, of libopus: at this bitrate more is not heard. */
const COMPLEXITY = 5;

/** Chrome's own class, not in the standard's types for a document. */
declare const MediaStreamTrackProcessor: new (init: {
  track: MediaStreamTrack;
  maxBufferSize: number;
}) => { readonly readable: ReadableStream<AudioData> };

/** Not in TypeScript's types yet (W3C WebCodecs Opus registration). */
interface OpusConfig extends AudioEncoderConfig {
  opus: { frameDuration: number; complexity: number };
}

/** What a {@link SoundEncoder} needs. */
export interface SoundEncoderOptions {
  readonly track: MediaStreamTrack;
  /** bit/s */
  readonly bitrate: number;
  /** Until when sound may wait to be read: each time that it is wakes this document. Asked again and again. `null`: it may not. */
  readonly pause: () => Promise<void> | null;
  /** A packet whose sound was captured from `at` on, by `performance.now()`. They come in order. */
  readonly onPacket: (at: number, data: Uint8Array) => void;
  /** All sound that was read has been given. */
  readonly onCaughtUp: () => void;
  readonly onError: (reason: string) => void;
}

/** A packet; `null`: the encoder has it. */
interface Pending {
  readonly at: number;
  data: Uint8Array | null;
}

/** Encodes the sound of one run. */
export class SoundEncoder {
  readonly #options: SoundEncoderOptions;
  readonly #reader: ReadableStreamDefaultReader<AudioData>;
  readonly #encoder: AudioEncoder;
  readonly #times = new SoundTimes();
  readonly #began = performance.now();
  readonly #done: Promise<void>;
  #packets: SoundPackets | null = null;
  /** ms that the newest sound was old when it came: some that Chrome waits for. */
  #newest = Number.POSITIVE_INFINITY;
  #format = "";
  /** Packets of silence in a row. */
  #quiet = 0;
  #pending: Pending[] = [];

  constructor(options: SoundEncoderOptions) {
    this.#options = options;
    this.#encoder = new AudioEncoder({
      output: (chunk) => this.#encoded(chunk),
      error: ({ message }) => options.onError(message),
    });
    const { track } = options;
    this.#reader = new MediaStreamTrackProcessor({ track, maxBufferSize: MAX_WAITING }).readable.getReader();
    this.#done = this.#read();
  }

  /** Sound that was read is still being encoded. */
  get encoding(): boolean {
    return this.#pending.length > 0;
  }

  /** Ends it; resolves after the last packet. The pause that it is in must end. */
  async stop(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
    await this.#done;
    if (this.#encoder.state !== "configured") return;
    await this.#encoder.flush().catch(() => {});
    if (this.#encoder.state === "configured") this.#encoder.close();
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        if (done) return;
        let end: number;
        try {
          end = this.#take(value);
        } finally {
          value.close();
        }
        const now = performance.now();
        this.#newest = Math.min(this.#newest, now - end);
        if (now - end - this.#newest >= CAUGHT_UP) continue;
        if (!this.encoding) this.#options.onCaughtUp();
        if (now - this.#began > SETTLING) await this.#options.pause();
      }
    } catch (thrown) {
      this.#options.onError(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  /** Gives when its last sample was captured. */
  #take(data: AudioData): number {
    const { sampleRate, numberOfFrames, timestamp } = data;
    const channels = Math.min(2, data.numberOfChannels);
    const format = `${sampleRate} ${channels}`;
    if (format !== this.#format) this.#configure(sampleRate, channels);
    this.#format = format;
    const duration = (numberOfFrames / sampleRate) * 1000;
    const at = this.#times.at(timestamp, duration, performance.now());
    const planes = Array.from({ length: channels }, (_, planeIndex) => {
      const plane = new Float32Array(numberOfFrames);
      data.copyTo(plane, { planeIndex, format: "f32-planar" });
      return plane;
    });
    this.#packets?.add(at, this.#options.track.enabled ? planes : null, numberOfFrames);
    return at + duration;
  }

  /** Of each tab and device Chrome captures another rate. */
  #configure(sampleRate: number, numberOfChannels: number): void {
    const opus = { frameDuration: PACKET * 1000, complexity: COMPLEXITY };
    const config: OpusConfig = { codec: "opus", sampleRate, numberOfChannels, bitrate: this.#options.bitrate, opus };
    this.#encoder.configure(config);
    this.#packets = new SoundPackets(sampleRate, numberOfChannels, (packet) =>
      this.#encode(packet, sampleRate, numberOfChannels),
    );
  }

  #encode({ at, samples, silent }: SoundPacket, sampleRate: number, numberOfChannels: number): void {
    this.#quiet = silent ? this.#quiet + 1 : 0;
    if (this.#quiet > FADE) {
      if (this.#quiet === FADE + 1) this.#flush();
      this.#pending.push({ at, data: SILENCE });
      this.#give();
      return;
    }
    this.#pending.push({ at, data: null });
    const numberOfFrames = samples.length / numberOfChannels;
    const timestamp = Math.round(at * 1000);
    const format = "f32-planar";
    const data = new AudioData({ format, sampleRate, numberOfFrames, numberOfChannels, timestamp, data: samples });
    this.#encoder.encode(data);
    data.close();
  }

  /** Has the encoder give what it still has: it gets nothing for a while. What it owes after that would hold back all that follows. */
  #flush(): void {
    const owed = this.#pending.filter(({ data }) => data === null);
    void this.#encoder
      .flush()
      .catch(() => {})
      .finally(() => {
        for (const pending of owed) pending.data ??= SILENCE;
        this.#give();
      });
  }

  #encoded(chunk: EncodedAudioChunk): void {
    const pending = this.#pending.find(({ data }) => data === null);
    if (!pending) return; // the rest of one that was filled up at a flush
    pending.data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(pending.data);
    this.#give();
    if (!this.encoding) this.#options.onCaughtUp();
  }

  #give(): void {
    for (;;) {
      const [first] = this.#pending;
      if (!first || first.data === null) return;
      this.#pending.shift();
      this.#options.onPacket(first.at, first.data);
    }
  }
}
