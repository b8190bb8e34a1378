// What is changed in a viewer's offer before Chrome sees it: which codec comes first, how fast sending may begin.
// Pure; never makes SDP of its own.

/** Codecs in the order in which they are preferred; what isn't named comes after them, in the viewer's order. */
const PREFERRED = ["h264", "vp8", "vp9"];
/** Rank of a H.264 payload that isn't what our encoder makes best: behind it, before the other codecs. */
const LESSER = 0.5;

/** One media section: its `m=` line and those that follow. */
function sections(sdp: string): string[][] {
  const parts: string[][] = [[]];
  for (const line of sdp.split(/\r?\n/).filter((text) => text !== "")) {
    if (line.startsWith("m=")) parts.push([]);
    parts.at(-1)?.push(line);
  }
  return parts;
}

function rank(section: readonly string[], payload: string): number {
  const codec = section
    .find((line) => line.startsWith(`a=rtpmap:${payload} `))
    ?.split(" ")[1]
    ?.split("/")[0];
  const index = PREFERRED.indexOf(codec?.toLowerCase() ?? "");
  if (index < 0) return PREFERRED.length;
  if (index > 0) return index;
  const format = section.find((line) => line.startsWith(`a=fmtp:${payload} `)) ?? "";
  // Constrained Baseline in several packets a frame: what Chrome's encoder makes, and what every decoder takes.
  const best = /packetization-mode=1/.test(format) && /profile-level-id=42[ce]0/i.test(format);
  return best ? 0 : LESSER;
}

/** The offer with the video codecs in our order, H.264 first: Chrome sends with the first that it can. */
export function preferCodecs(offer: string): string {
  const ordered = sections(offer).map((section) => {
    const [head, ...rest] = section;
    if (!head?.startsWith("m=video ")) return section;
    const [kind, port, protocol, ...payloads] = head.split(" ");
    const sorted = payloads.toSorted((a, b) => rank(section, a) - rank(section, b));
    return [[kind, port, protocol, ...sorted].join(" "), ...rest];
  });
  return `${ordered.flat().join("\r\n")}\r\n`;
}

/**
 * The offer with the bitrate at which Chrome begins, bit/s. By itself it begins with 300 kbit/s, at which the first
 * picture of a page takes seconds; a line that is slower is found out within the first second.
 */
export function withStartBitrate(offer: string, bitrate: number): string {
  const parameter = `x-google-start-bitrate=${Math.round(bitrate / 1000)}`;
  const changed = sections(offer).map((section) => {
    if (!section[0]?.startsWith("m=video ")) return section;
    return section.flatMap((line) => {
      const [, payload, codec] = /^a=rtpmap:(\d+) ([^/]+)\//.exec(line) ?? [];
      const format = /^a=fmtp:(\d+) /.exec(line)?.[1];
      if (format !== undefined && isVideoCodec(section, format)) return [`${line};${parameter}`];
      if (payload === undefined || codec === undefined || !PREFERRED.includes(codec.toLowerCase())) return [line];
      const described = section.some((other) => other.startsWith(`a=fmtp:${payload} `));
      return described ? [line] : [line, `a=fmtp:${payload} ${parameter}`];
    });
  });
  return `${changed.flat().join("\r\n")}\r\n`;
}

function isVideoCodec(section: readonly string[], payload: string): boolean {
  return rank(section, payload) < PREFERRED.length;
}
