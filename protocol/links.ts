// The links of a stream: what createLink takes and gives, and what is told of each.
import * as v from "valibot";
import { FlyBrowserError } from "./errors.ts";
import { say, sentence, type Words } from "./sentence.ts";

/** What a link lets its holder do: watch; or watch, and be asked to take over. */
export const LINK_ALLOWS = ["view", "control"] as const;

/** Links that a stream may have. */
export const MAX_LINKS = 50;
/** Longest life of a link, s: what a timer can count. */
const MAX_LIFE = 2_000_000;
const MAX_NAME = 80;

/** Schema of the options of `createLink`; every key may be left out. */
export const CreateLinkOptionsSchema = v.strictObject({
  /** Whom it is for. */
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_NAME))),
  /** s; left out: as long as the stream. */
  expires_in: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(MAX_LIFE))),
  allow: v.optional(v.picklist(LINK_ALLOWS), "view"),
});
/** What a caller may give to `createLink`. */
export type CreateLinkOptions = v.InferInput<typeof CreateLinkOptionsSchema>;
/** The same with the defaults filled in. */
export type ResolvedLinkOptions = v.InferOutput<typeof CreateLinkOptionsSchema>;

const Iso = v.nullable(v.string());

/** Schema of the result of `createLink`. */
export const CreateLinkResultSchema = v.object({
  link_id: v.string(),
  player_url: v.pipe(v.string(), v.url()),
  /** ISO 8601; `null`: it ends with the stream. */
  expires_at: Iso,
});
/** Result of `createLink`. */
export type CreateLinkResult = v.InferOutput<typeof CreateLinkResultSchema>;

/** Schema of the result of `revokeLink`. */
export const RevokeLinkResultSchema = v.object({ link_id: v.string(), revoked: v.literal(true) });
/** Result of `revokeLink`. */
export type RevokeLinkResult = v.InferOutput<typeof RevokeLinkResultSchema>;

/** Schema of what a stream's status says of a link. */
export const LinkStatusSchema = v.object({
  ...CreateLinkResultSchema.entries,
  /** `null`: it has none, as the first one. */
  name: v.nullable(v.string()),
  allow: v.picklist(LINK_ALLOWS),
  /** How many watch by it now. */
  viewers: v.pipe(v.number(), v.integer(), v.minValue(0)),
});
/** What a stream's status says of a link. */
export type LinkStatus = v.InferOutput<typeof LinkStatusSchema>;

const ALLOWED: Readonly<Record<keyof CreateLinkOptions, Words>> = {
  name: sentence("allowed.destination_name"),
  expires_in: sentence("allowed.duration"),
  allow: LINK_ALLOWS.join(", "),
};

/**
 * Checks the options of `createLink` and fills in the defaults.
 * @throws FlyBrowserError `invalid_option`, `unknown_option`
 */
export function parseLinkOptions(input: unknown = {}): ResolvedLinkOptions {
  const parsed = v.safeParse(CreateLinkOptionsSchema, input);
  if (parsed.success) return parsed.output;
  const [at] = parsed.issues[0].path ?? [];
  const option = typeof at?.key === "string" ? at.key : "options";
  const value = JSON.stringify(at ? at.value : input)?.slice(0, 120) ?? sentence("value.left_out");
  if (Object.hasOwn(ALLOWED, option)) {
    const allowed = ALLOWED[option as keyof CreateLinkOptions];
    throw new FlyBrowserError("invalid_option", { option, value, allowed });
  }
  if (option === "options") {
    throw new FlyBrowserError("invalid_option", { option, value, allowed: say(sentence("allowed.object")) });
  }
  throw new FlyBrowserError("unknown_option", { option, allowed: Object.keys(ALLOWED).join(", ") });
}
