// A stream of a codec that was asked for: what starts, what arrives, and whether this browser plays it.
import { expect } from "vitest";
import type { FlyBrowser } from "../../../sdk/index.ts";
import { play } from "./cell.ts";
import { probe } from "./media.ts";

/** Names of FFmpeg. */
const DECODED = { h265: "hevc", vp9: "vp9" } as const;

/** CODECS of the multivariant playlist, and whether this browser can play them. */
async function codecsOf(browser: FlyBrowser, hls_url: string | null): Promise<{ codecs: string; playable: boolean }> {
  const text = await (await fetch(hls_url ?? "")).text();
  const codecs = /CODECS="([^"]+)"/.exec(text)?.[1] ?? "none";
  const type = `video/mp4; codecs="${codecs}"`;
  return { codecs, playable: await browser.page.evaluate((each) => MediaSource.isTypeSupported(each), type) };
}

/** Streams the page of `browser` as `options` ask, with this `encoder` and `codecs` of this form, and stops. */
export async function streamsCodec(
  browser: FlyBrowser,
  options: { readonly protocol: "hls" | "dash"; readonly codec: "h265" | "vp9" },
  encoder: string,
  form: RegExp,
): Promise<void> {
  const started = await browser.startStream({ ...options, width: 640, height: 360 });
  try {
    expect(started).toMatchObject({ ...options, encoder, width: 640, height: 360, status: "active" });
    expect(started.stream_url).toBe(options.protocol === "dash" ? started.dash_url : started.hls_url);
    const streams = await probe(started.stream_url);
    expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(["aac", DECODED[options.codec]].sort());
    const picture = streams.find(({ codec_type }) => codec_type === "video");
    expect(picture).toMatchObject({ width: 640, height: 360 });
    const { codecs, playable } = await codecsOf(browser, started.hls_url);
    expect(codecs).toMatch(form);
    // Chromium plays H.265 only where the machine's hardware does.
    const has = await browser.page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.B0"'));
    expect(playable).toBe(options.codec === "vp9" || has);
    const played = await play(browser, started.hls_url ?? "");
    expect(played).toContain(playable ? "played 640×360" : "no decoder");
    await browser.page.bringToFront();
  } finally {
    await browser.stopStream();
  }
}
