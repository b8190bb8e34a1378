// `flybrowser links`: lists, makes and revokes the links of running streams.
import { FlyBrowserError } from "../protocol/errors.ts";
import { parseLinkOptions } from "../protocol/links.ts";
import { oneStream, runningStreams } from "./hosts-command.ts";
import { qrText } from "./qr-text.ts";
import { count, printJson, say } from "./report.ts";
import { asFlags } from "./stream-flags.ts";

interface CreateFlags {
  readonly stream?: string;
  readonly name?: string;
  readonly expiresIn?: string;
  readonly allow?: string;
  readonly json?: boolean;
}

/** Shows the links. @throws FlyBrowserError `host_not_running`. */
export async function listLinksCommand({ json = false }: { json?: boolean }): Promise<void> {
  const streams = (await runningStreams()).map(({ stream: { stream_id, links, share } }) => ({
    stream_id,
    share,
    links,
  }));
  if (json) printJson({ streams });
  else {
    if (streams.length === 0) say("Nothing is being streamed.");
    for (const { stream_id, share, links } of streams) {
      say(`${stream_id}: ${count(links.length, "link")}, shared with ${share}`);
      for (const { link_id, name, expires_at, allow, viewers, player_url } of links) {
        const details = [count(viewers, "viewer"), allow, ...(expires_at === null ? [] : [`until ${expires_at}`])];
        say(`  ${link_id}  ${name ?? "–"}  ·  ${details.join("  ·  ")}`);
        say(`    ${player_url}`);
      }
    }
  }
}

/** Makes a link. @throws FlyBrowserError `invalid_option`, `no_active_stream`, `too_many_links`. */
export async function createLinkCommand({ stream: named, name, expiresIn, allow, json }: CreateFlags): Promise<void> {
  const options = asFlags(() =>
    parseLinkOptions({
      ...(name === undefined ? {} : { name }),
      ...(expiresIn === undefined
        ? {}
        : { expires_in: Number.isNaN(Number(expiresIn)) ? expiresIn : Number(expiresIn) }),
      ...(allow === undefined ? {} : { allow }),
    }),
  );
  const { host, stream } = await oneStream(named);
  const made = await host.createLink(stream.stream_id, options);
  if (json) printJson(made);
  else {
    say(`${made.link_id}${made.expires_at === null ? "" : `, until ${made.expires_at}`}`);
    say(`  ${made.player_url}`);
    say(`  ${stream.share_note}.`);
    if (stream.share !== "this-computer" && process.stderr.isTTY) say(qrText(made.player_url));
  }
}

/** Ends a link. @throws FlyBrowserError `host_not_running`, `link_not_found`. */
export async function revokeLinkCommand(link_id: string, { json = false }: { json?: boolean }): Promise<void> {
  const found = (await runningStreams()).find(({ stream }) => stream.links.some((link) => link.link_id === link_id));
  if (!found) throw new FlyBrowserError("link_not_found", { link_id });
  const revoked = await found.host.revokeLink(found.stream.stream_id, link_id);
  if (json) printJson(revoked);
  else say(`Revoked ${link_id}.`);
}
