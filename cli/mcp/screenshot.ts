// A picture of a stream, by the same way as a link preview: the host makes it of the newest keyframe.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { StreamInfoInWords as StreamInfo } from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { ControlClient } from "../../sdk/control-client.ts";
import { Picture } from "./tool.ts";

/** ms that the host may take to make it. */
const PICTURE_TIMEOUT = 10_000;
/** s that a link lives which is made for the picture alone. */
const LINK_LIFE = 60;

/** The picture. @throws FlyBrowserError `no_media`, `timeout`, `too_many_links` */
export async function screenshot(host: ControlClient, stream: StreamInfo): Promise<Picture> {
  const [link] = stream.links;
  if (link) return fetchPicture(host, link.player_url);
  const { link_id, player_url } = await host.createLink(stream.stream_id, { expires_in: LINK_LIFE });
  try {
    return await fetchPicture(host, player_url);
  } finally {
    await host.revokeLink(stream.stream_id, link_id);
  }
}

/** The link may name another computer; the host itself has the same path on this one. */
async function fetchPicture(host: ControlClient, player_url: string): Promise<Picture> {
  const path = /\/s\/[\w-]+\/[\w-]+\//.exec(new URL(player_url).pathname)?.[0] ?? "/";
  const address = `http://127.0.0.1:${host.file.port}${path}poster.jpg`;
  const response = await fetch(address, { signal: AbortSignal.timeout(PICTURE_TIMEOUT) }).catch((cause: unknown) => {
    throw new FlyBrowserError("host_lost", { reason: sentence("host.no_control_api") }, { cause });
  });
  if (!response.ok) throw new FlyBrowserError("no_media", { seconds: PICTURE_TIMEOUT / 1000 });
  return new Picture(Buffer.from(await response.arrayBuffer()));
}
