// What a web page may say to the extension, by way of the content script, and what the windows of pairing say. A page can't
// name a tab, a stream or a file: it speaks of its own tab alone.
import * as v from "valibot";
import { type ErrorCode, FlyBrowserError } from "./errors.ts";
import { parseStartStreamOptions, RECORDING_FORMATS } from "./options.ts";
import {
  PageStartRecordingResultSchema,
  PageStartStreamResultSchema,
  PageStopRecordingResultSchema,
  PageStopStreamResultSchema,
  PageStreamStatusSchema,
  PageTaskSchema,
} from "./page-results.ts";
import { valueInWords } from "./printable.ts";
import type { Contract } from "./rpc.ts";
import { sentence, type Words } from "./sentence.ts";

/** Names of the `runtime.connect` ports. */
export const PAGE_PORT = "page";
export const PAIRING_PORT = "pairing";
export const OPTIONS_PORT = "options";

/** Most characters of a purpose. */
export const MAX_PURPOSE = 200;
/** Most characters of a task's name or detail that are taken; far fewer are kept (task-messages.ts). */
const MAX_TASK_TEXT = 4_096;
/** Most characters of options as JSON. */
const MAX_OPTIONS = 8_192;
/** ms that a user has to answer a prompt. */
export const PROMPT_TIMEOUT = 300_000;

const Nothing = v.strictObject({});
const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const Id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
const Small = v.pipe(v.unknown(), v.check(isSmall, `at most ${MAX_OPTIONS} characters as JSON`));

/** Whether a value can be written as JSON, and isn't long then. */
function isSmall(value: unknown): boolean {
  try {
    return (JSON.stringify(value) ?? "").length <= MAX_OPTIONS;
  } catch {
    return false; // it holds itself, or a bigint
  }
}

/** Schema of how far a pairing goes: `once` is for the tab's lifetime. */
export const PairingScopeSchema = v.picklist(["once", "always"]);
/** How far a pairing goes. */
export type PairingScope = v.InferOutput<typeof PairingScopeSchema>;

/** Schema of the result of `pair()`. */
export const PairResultSchema = v.object({ paired: v.literal(true), scope: PairingScopeSchema });
/** Result of `pair()`. */
export type PairResult = v.InferOutput<typeof PairResultSchema>;

const PairParams = v.strictObject({ purpose: v.optional(text(MAX_PURPOSE), "") });
/** A page can't say where on the disk a recording goes. */
const RecordingOptions = v.strictObject({ format: v.optional(v.picklist(RECORDING_FORMATS)) });
const BeginTaskParams = v.strictObject({
  name: v.pipe(text(MAX_TASK_TEXT), v.regex(/\S/)),
  detail: v.optional(v.nullable(text(MAX_TASK_TEXT)), null),
  parent_id: v.optional(v.nullable(Id), null),
});
const UpdateTaskParams = v.strictObject({
  task_id: Id,
  state: v.optional(v.picklist(["done", "failed"])),
  detail: v.optional(v.nullable(text(MAX_TASK_TEXT))),
});

/** What the service worker offers to a page. Port: {@link PAGE_PORT}. All but `pair` need a paired origin. */
export const BackgroundForPageContract = {
  methods: {
    /** Answers when the user has; at once where the origin is paired already. */
    pair: { params: PairParams, result: PairResultSchema, timeout: PROMPT_TIMEOUT + 20_000 },
    startStream: { params: v.strictObject({ options: Small }), result: PageStartStreamResultSchema, timeout: 45_000 },
    stopStream: { params: Nothing, result: PageStopStreamResultSchema, timeout: 20_000 },
    getStreamStatus: { params: Nothing, result: PageStreamStatusSchema, timeout: 10_000 },
    startRecording: {
      params: v.strictObject({ options: RecordingOptions }),
      result: PageStartRecordingResultSchema,
      timeout: 60_000,
    },
    stopRecording: { params: Nothing, result: PageStopRecordingResultSchema, timeout: 40_000 },
    beginTask: { params: BeginTaskParams, result: PageTaskSchema, timeout: 10_000 },
    /** Ends the task where `state` is given. */
    updateTask: { params: UpdateTaskParams, result: PageTaskSchema, timeout: 10_000 },
  },
  events: {},
} as const satisfies Contract;

/** What a page offers: nothing. */
export const PageContract = { methods: {}, events: {} } as const satisfies Contract;

/** A method of the page API as it crosses to the extension. */
export type PageMethod = keyof typeof BackgroundForPageContract.methods;
/** All of them. */
export const PAGE_METHODS = Object.keys(BackgroundForPageContract.methods) as [PageMethod, ...PageMethod[]];

/** Schema of a call from the page's world to the content script's. */
export const PageRequestSchema = v.strictObject({
  id: v.pipe(v.number(), v.integer(), v.minValue(1)),
  method: v.picklist(PAGE_METHODS),
  params: v.unknown(),
});

/** Schema of a message of another extension (`chrome.runtime.sendMessage`); the answer is a {@link PageAnswer}, its `id` 0. */
export const ExtensionRequestSchema = v.strictObject({
  method: v.picklist(PAGE_METHODS),
  params: v.optional(v.unknown(), {}),
  /** The tab that it is about; `pair` needs none. */
  tab_id: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});

/** What the content script answers: the result, or what an `Error` in the page is made of. */
export type PageAnswer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: { code: ErrorCode; message: string; fix: string } };

const ALLOWED: Readonly<Record<string, Words>> = {
  purpose: sentence("allowed.text", { limit: MAX_PURPOSE }),
  name: sentence("allowed.task_name", { limit: MAX_TASK_TEXT }),
  detail: sentence("allowed.text_or_null", { limit: MAX_TASK_TEXT }),
  parent_id: sentence("allowed.parent_task"),
  task_id: sentence("allowed.own_task"),
  state: "done, failed",
  format: RECORDING_FORMATS.join(", "),
  options: sentence("allowed.options", { limit: MAX_OPTIONS }),
};

/** A value as an error may show it. Options may hold an RTMP key: never shown whole. */
function show(option: string, value: unknown): Words {
  if (option === "options" || typeof value === "object") return sentence("value.hidden");
  const words = valueInWords(value);
  return words.length > 80 ? `${words.slice(0, 77)}...` : words;
}

/**
 * Checks what a page gave to a method.
 * @throws FlyBrowserError `invalid_option` or `unknown_option`, in the words of whoever called.
 */
export function parsePageParams(method: PageMethod, params: unknown): unknown {
  const parsed = v.safeParse(BackgroundForPageContract.methods[method].params, params);
  if (parsed.success) {
    if (method === "startStream") assertPageOptions((parsed.output as { options: unknown }).options);
    return parsed.output;
  }
  const path = parsed.issues[0].path ?? [];
  const last = path.at(-1);
  const option = typeof last?.key === "string" ? last.key : "options";
  const allowed = ALLOWED[option];
  if (allowed !== undefined) {
    throw new FlyBrowserError("invalid_option", { option, value: show(option, last?.value ?? params), allowed });
  }
  const known = Object.keys(method === "startRecording" ? RecordingOptions.entries : entriesOf(method));
  const name = option.length > 80 ? `${option.slice(0, 77)}...` : option;
  throw new FlyBrowserError("unknown_option", { option: name, allowed: known.join(", ") || "none" });
}

/**
 * Where a page may have its stream sent. Not to what reaches into this machine (plain HTTP, a listening port) or spends what is
 * the user's (a store, with the credentials of the environment).
 */
const PAGE_ADDRESS = /^(?:rtmps?|srt|whip\+https):(?!.*[?&]mode=listener)/is;

/** @throws FlyBrowserError `invalid_option`, `unknown_option` */
function assertPageOptions(input: unknown): void {
  const { destinations, share = "this-computer" } = parseStartStreamOptions(input);
  if (share !== "this-computer") {
    const allowed = sentence("allowed.page_share");
    throw new FlyBrowserError("invalid_option", { option: "share", value: share, allowed });
  }
  const refused = destinations.findIndex(({ url, watch_url }) => !PAGE_ADDRESS.test(url) || watch_url !== undefined);
  if (refused < 0) return;
  // The host would open it, and the popup show it as the stream's link.
  const field = destinations[refused]?.watch_url === undefined ? "url" : "watch_url";
  const allowed = sentence(field === "url" ? "allowed.page_destination" : "allowed.page_watch_url");
  const value = sentence("value.hidden");
  throw new FlyBrowserError("invalid_option", { option: `destinations[${refused}].${field}`, value, allowed });
}

function entriesOf(method: PageMethod): object {
  return BackgroundForPageContract.methods[method].params.entries;
}

/** Schema of who asks, as the prompt shows it. */
export const PairingRequestSchema = v.object({
  /** Scheme, host and port, the host in ASCII (punycode). */
  origin: v.string(),
  /** In the words of the site. */
  purpose: v.string(),
  /** Why the answer can't be remembered; `null`: it can. */
  only_once: v.nullable(v.picklist(["not_secure", "incognito"])),
});
/** Who asks. */
export type PairingRequest = v.InferOutput<typeof PairingRequestSchema>;

/** What the user can answer in the prompt. Closing it is `dismissed`. */
export const DecisionSchema = v.picklist(["once", "always", "never"]);
/** What the user can answer. */
export type Decision = v.InferOutput<typeof DecisionSchema>;

const RequestId = v.object({ request_id: v.string() });

/** What the service worker offers to the prompt. Port: {@link PAIRING_PORT}. */
export const BackgroundForPairingContract = {
  methods: {
    /** First call; `not_found` when nobody waits for an answer any more. */
    describe: { params: RequestId, result: PairingRequestSchema, timeout: 5_000 },
    answer: {
      params: v.object({ request_id: v.string(), decision: DecisionSchema }),
      result: v.object({}),
      timeout: 5_000,
    },
    /** Keeps the service worker, and with it the page that waits, while the user thinks. */
    stay: { params: v.object({}), result: v.object({}), timeout: 5_000 },
  },
  events: {},
} as const satisfies Contract;

/** What the prompt, the options page and the popup offer: nothing. */
export const NoContract = { methods: {}, events: {} } as const satisfies Contract;

/** Schema of what is remembered of a site. */
export const PairingSchema = v.object({
  origin: v.string(),
  decision: DecisionSchema,
  /** ISO 8601. */
  since: v.string(),
  /** The tab that a `once` is for. */
  tab_id: v.nullable(v.number()),
});
/** What is remembered of a site. */
export type Pairing = v.InferOutput<typeof PairingSchema>;

/** The match pattern that a site's pages have, by an address in it; Chrome's patterns take any port. `null`: not an address of http or https. */
export function patternOf(site: string): string | null {
  if (!URL.canParse(site)) return null;
  const { protocol, hostname } = new URL(site);
  return (protocol === "https:" || protocol === "http:") && hostname !== "" ? `${protocol}//${hostname}/*` : null;
}

/** A match pattern as {@link patternOf} makes it. */
const Pattern = v.pipe(
  v.string(),
  v.check((pattern) => patternOf(pattern.slice(0, -1)) === pattern, "not the match pattern of a site"),
);

/** Schema of what the options page shows. */
export const OptionsStateSchema = v.object({
  /** Match patterns of the sites that have the page API. */
  sites: v.array(v.string()),
  /** Whether sites may ask; those that are paired stay so. */
  may_ask: v.boolean(),
  pairings: v.array(PairingSchema),
  /** Whether the host stays while nothing runs, so that programs on this computer find it. */
  programs: v.boolean(),
});
/** What the options page shows. */
export type OptionsState = v.InferOutput<typeof OptionsStateSchema>;

/** What the service worker offers to the options page. Port: {@link OPTIONS_PORT}. */
export const BackgroundForOptionsContract = {
  methods: {
    watch: { params: v.object({}), result: OptionsStateSchema, timeout: 5_000 },
    /** Gives a site the page API; the options page has asked Chrome for the permission. */
    allowSite: { params: v.object({ pattern: Pattern }), result: v.object({}), timeout: 5_000 },
    /** Takes the page API from a site, and forgets its pairings. */
    removeSite: { params: v.object({ pattern: Pattern }), result: v.object({}), timeout: 5_000 },
    /** Forgets everything about a site: a pairing ends at once, and what it runs; a `never` may ask again. */
    revoke: { params: v.object({ origin: v.string() }), result: v.object({}), timeout: 5_000 },
    setMayAsk: { params: v.object({ may_ask: v.boolean() }), result: v.object({}), timeout: 5_000 },
    setPrograms: { params: v.object({ programs: v.boolean() }), result: v.object({}), timeout: 5_000 },
  },
  events: { state: OptionsStateSchema },
} as const satisfies Contract;
