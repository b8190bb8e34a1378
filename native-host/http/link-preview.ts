// What a link to a stream looks like where people paste it: Open Graph (ogp.me) in the player's page, and oEmbed (oembed.com).
import type { PlayerState } from "../../protocol/player-messages.ts";

/** A stream as its preview shows it. */
export interface Preview {
  /** URL of the stream's folder, without a slash at the end. */
  readonly url: string;
  readonly state: PlayerState;
}

const SITE = "FlyBrowser Stream";
const size = ({ width, height }: PlayerState) => ({ width: width || 1280, height: height || 720 });
const titleOf = ({ tab_title, state }: PlayerState) => {
  const live = state === "stopped" || state === "error" ? "ended" : "live";
  return tab_title ? `${tab_title} (${live})` : `A browser tab, ${live}`;
};

/** The elements for the page's head. */
export function previewHead({ url, state }: Preview): string {
  const { width, height } = size(state);
  const title = titleOf(state);
  const properties = {
    "og:site_name": SITE,
    "og:type": "video.other",
    "og:title": title,
    "og:url": `${url}/player`,
    "og:image": `${url}/poster.jpg`,
    "og:image:type": "image/jpeg",
    "og:video:url": `${url}/player?embed=1`,
    "og:video:type": "text/html",
    "og:video:width": String(width),
    "og:video:height": String(height),
    "twitter:card": "summary_large_image",
  };
  const metas = Object.entries(properties).map(
    ([name, content]) => `<meta property="${name}" content="${escaped(content)}">`,
  );
  const oembed = `<link rel="alternate" type="application/json+oembed" href="${escaped(`${url}/oembed.json`)}" title="${escaped(title)}">`;
  return [...metas, oembed].join("\n");
}

/** The oEmbed response: a video, with the code that shows it. */
export function oembed({ url, state }: Preview): object {
  const { width, height } = size(state);
  const allow = "autoplay; fullscreen; picture-in-picture; local-network-access";
  const frame = `<iframe src="${escaped(`${url}/player?embed=1`)}" width="${width}" height="${height}" style="border:0" allow="${allow}" title="Live stream"></iframe>`;
  return {
    ...{ version: "1.0", type: "video", provider_name: SITE, title: titleOf(state), html: frame, width, height },
    ...{ thumbnail_url: `${url}/poster.jpg`, thumbnail_width: Math.min(width, 1280) },
    thumbnail_height: Math.round((height * Math.min(width, 1280)) / width),
    cache_age: 10,
  };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
