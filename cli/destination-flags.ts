// Turns `--to [NAME=]URL` into a destination. Its secret comes from the environment: arguments can be listed by anybody.
import { serviceNamed } from "../protocol/destination-services.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import type { DestinationOptions } from "../protocol/options.ts";
import { sentence } from "../protocol/sentence.ts";

/** What addresses of destinations begin with; the host has a kind of destination for each. */
export const DESTINATION_SCHEMES = ["rtmp", "rtmps", "srt", "whip+https", "whip+http", "s3", "hls+https", "hls+http"];

/** A value with the name of a destination in front. */
const NAMED = /^([A-Za-z][A-Za-z0-9_-]{0,31})=(.*)$/s;
/** What stands in front of the name of a secret's variable. */
const KEY_PREFIX = "FLYBROWSER_KEY_";

/** The variable that holds the secret of a destination of this name, e.g. `FLYBROWSER_KEY_MY_SERVER` of "my server". */
export function keyVariable(name: string): string {
  return KEY_PREFIX + name.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
}

/**
 * The destination that `flag`, the value of `option`, asks for; what else is wrong with it, the host says.
 * @throws FlyBrowserError `invalid_option`: nothing is sent to addresses that begin so; its key is missing
 */
export function destinationOf(
  flag: string,
  env: NodeJS.ProcessEnv = process.env,
  option: "--to" | "url" = "--to",
): DestinationOptions {
  const [, given, url = flag] = NAMED.exec(flag) ?? [];
  const [, scheme] = /^([^:/]*):\/\//.exec(url) ?? [];
  if (scheme !== undefined && !DESTINATION_SCHEMES.includes(scheme.toLowerCase())) {
    const schemes = DESTINATION_SCHEMES.map((each) => `${each}://`).join(", ");
    const allowed = sentence("allowed.destination_schemes", { schemes });
    throw new FlyBrowserError("invalid_option", { option, value: `${scheme}://…`, allowed });
  }
  const variable = keyVariable(given ?? serverOf(url));
  const key = env[variable] || undefined;
  if (key === undefined) assertNoKeyNeeded(url, variable);
  return { url, ...(given === undefined ? {} : { name: given }), ...(key === undefined ? {} : { key }) };
}

/**
 * The destinations with the addresses where people watch them, as `--watch-url [NAME=]URL` gives these.
 * @throws FlyBrowserError `invalid_option`: it isn't said of which destination, or there is none of that name
 */
export function withPages(
  destinations: readonly DestinationOptions[] | undefined,
  flags: readonly string[] = [],
): DestinationOptions[] | undefined {
  const all = [...(destinations ?? [])];
  for (const flag of flags) {
    const [, named, watch_url = flag] = NAMED.exec(flag) ?? [];
    const names = all.map(({ name, url }) => name ?? serverOf(url));
    const at = named === undefined && all.length === 1 ? 0 : names.indexOf(named ?? "");
    const [destination] = all.slice(at);
    if (at < 0 || !destination) {
      const allowed = sentence("allowed.watch_url_of", { names: names.join(", ") || "--to" });
      throw new FlyBrowserError("invalid_option", { option: "--watch-url", value: JSON.stringify(flag), allowed });
    }
    all[at] = { ...destination, watch_url };
  }
  return destinations && all;
}

/** An RTMP address that names no stream: an application at most. */
const NAMELESS = /^rtmps?:\/\/[^/?#]+(?:\/[^/?#]*\/?)?(?:[?#].*)?$/i;

/**
 * Says which variable lacks the key of a destination that can't do without.
 * @throws FlyBrowserError `invalid_option`
 */
export function assertNoKeyNeeded(url: string, variable: string): void {
  const service = serviceNamed(url);
  if (!service && !NAMELESS.test(url)) return;
  const allowed = service
    ? sentence("allowed.service_key", { service: service.title })
    : sentence("allowed.rtmp_stream_name");
  throw new FlyBrowserError("invalid_option", { option: variable, value: sentence("value.left_out"), allowed });
}

/** Takes the secrets out of the environment, once they are read: browser, host and FFmpeg would inherit them. */
export function forgetKeys(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(env)) if (name.startsWith(KEY_PREFIX) || name === "RTMP_STREAM_KEY") delete env[name];
}

/** `host:port` of an address, without a user's name and password; of a service's name that name. */
function serverOf(url: string): string {
  return (/^[^:]*:\/\/([^/?#]*)/.exec(url)?.[1] ?? url).replace(/^.*@/, "");
}
