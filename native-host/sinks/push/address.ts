// Where files go: an HTTP folder or an S3 bucket, from the address, the key and the usual AWS variables. The secrets live in closures
// here: neither inspection nor JSON shows them.
import { AwsClient } from "aws4fetch";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { sentence } from "../../../protocol/sentence.ts";
import type { Send } from "./object-store.ts";

/** What the addresses look like, in words for an error. */
export const HLS_ADDRESS = sentence("allowed.hls_address");
export const S3_ADDRESS = sentence("allowed.s3_address");

/** A place for files. */
export interface PushTarget {
  /** Without a secret. */
  readonly public_url: string;
  /** As it stands in errors. */
  readonly server: string;
  /** Old segments stay, and become a video on demand. */
  readonly keep: boolean;
  readonly urlOf: (name: string) => string;
  readonly send: Send;
}

/** `keep=all` of a query, and what is left of it; `null`: another value. */
function takeKeep(query: string): { keep: boolean; rest: string } | null {
  const pairs = query.split("&").filter((pair) => pair !== "");
  const keeps = pairs.filter((pair) => pair.startsWith("keep="));
  if (keeps.some((pair) => pair !== "keep=all")) return null;
  return { keep: keeps.length > 0, rest: pairs.filter((pair) => !keeps.includes(pair)).join("&") };
}

/** A folder on a web server, `hls+https://` or `hls+http://`; `null`: the address can't be used. */
export function httpTarget(address: string, key?: string): PushTarget | null {
  const match = /^hls\+(https?:\/\/.+)$/i.exec(address);
  if (!match?.[1] || !URL.canParse(match[1])) return null;
  const url = new URL(match[1]);
  const taken = takeKeep(url.search.slice(1));
  if (!taken || url.hash !== "" || url.host === "") return null;
  const { username, password } = url;
  const basic = `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64")}`;
  const authorization = key !== undefined ? `Bearer ${key}` : username === "" ? null : basic;
  const folder = `${url.origin}${url.pathname.replace(/\/*$/, "/")}`;
  const query = taken.rest === "" ? "" : `?${taken.rest}`;
  return {
    public_url: `hls+${folder}`,
    server: `hls+${url.origin}`,
    keep: taken.keep,
    urlOf: (name) => `${folder}${name}${query}`,
    send: (to, request) =>
      fetch(to, {
        ...request,
        headers: { ...request.headers, ...(authorization === null ? {} : { authorization }) },
      }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The parts of `s3://bucket/prefix`; `null`: the address can't be used. */
export function s3Parts(address: string): { bucket: string; prefix: string; keep: boolean } | null {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(\/[^\s?#]*)?(?:\?([^\s#]*))?$/i.exec(address);
  const taken = takeKeep(match?.[3] ?? "");
  if (!match?.[1] || !taken || taken.rest !== "") return null;
  return { bucket: match[1], prefix: (match[2] ?? "").replace(/^\/+|\/+$/g, ""), keep: taken.keep };
}

/**
 * A bucket. Region, endpoint and credentials are those of the environment.
 * @throws FlyBrowserError `environment_unusable` without credentials
 */
export function s3Target(
  { bucket, prefix, keep }: { bucket: string; prefix: string; keep: boolean },
  env: NodeJS.ProcessEnv = process.env,
): PushTarget {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new FlyBrowserError("environment_unusable", {
      reason: sentence("s3.no_credentials"),
      advice: sentence("s3.set_credentials"),
    });
  }
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || "us-east-1";
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  // A name with dots has no certificate of its own.
  const byName = endpoint === undefined && !bucket.includes(".");
  const base = (endpoint ?? `https://${byName ? `${bucket}.` : ""}s3.${region}.amazonaws.com`).replace(/\/+$/, "");
  const folder = [base, ...(byName ? [] : [bucket]), ...(prefix === "" ? [] : [prefix])].join("/");
  // Service and region are named: aws4fetch guesses them wrongly for stores of other names. It doesn't try again by itself.
  const token = AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {};
  const client = new AwsClient({ accessKeyId, secretAccessKey, ...token, service: "s3", region, retries: 0 });
  return {
    public_url: `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}`,
    server: `s3://${bucket}`,
    keep,
    urlOf: (name) => `${folder}/${name}`,
    send: async (to, request) => fetch(await client.sign(to, request)),
  };
}
