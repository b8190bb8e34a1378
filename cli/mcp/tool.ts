// What a tool of the MCP server is: its arguments, checked as everything else is here, and what it gives.
import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { sentence } from "../../protocol/sentence.ts";

/** Says how far a call is: words, and the share that is done (0 to 1) where it is known. */
export type Progress = (message: string, share?: number) => void;

/** How a call goes on. */
export interface Call {
  readonly progress: Progress;
  /** Aborted when the client wants no answer any more. */
  readonly signal: AbortSignal;
}

/** A picture instead of JSON. */
export class Picture {
  readonly jpeg: Buffer;

  constructor(jpeg: Buffer) {
    this.jpeg = jpeg;
  }
}

/** A tool, whatever its arguments. */
export interface Tool {
  readonly description: string;
  /** It changes nothing. */
  readonly reads: boolean;
  /** JSON schema of its arguments (draft 2020-12). */
  readonly schema: Record<string, unknown>;
  /** Gives an object, or a {@link Picture}. @throws FlyBrowserError */
  readonly call: (input: unknown, call: Call) => Promise<object>;
}

/** Entries of an object's schema. */
type Entries = v.ObjectEntries;

/**
 * Checks the arguments of a tool.
 * @throws FlyBrowserError `invalid_option`, `unknown_option`
 */
function parseArguments<E extends Entries>(
  entries: E,
  input: unknown,
): v.InferOutput<v.StrictObjectSchema<E, undefined>> {
  const parsed = v.safeParse(v.strictObject(entries), input ?? {});
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const option = String(issue.path?.[0]?.key ?? "arguments");
  if (option !== "arguments" && !Object.hasOwn(entries, option)) {
    const known = Object.keys(entries).join(", ");
    throw new FlyBrowserError("unknown_option", { option, allowed: known || sentence("value.nothing") });
  }
  const at: unknown = issue.path?.[0]?.value;
  const value = at === undefined ? sentence("value.nothing") : (JSON.stringify(at) ?? typeof at).slice(0, 120);
  // Of what is missing, the object says only its name.
  const own = entries[option] && at === undefined ? v.safeParse(entries[option], undefined).issues?.[0] : null;
  throw new FlyBrowserError("invalid_option", { option, value, allowed: allowedFor(entries[option], own ?? issue) });
}

/** What an argument may be, for a model to read: what is said of it, or else the names of its values or of its type. */
function allowedFor(schema: Entries[string] | undefined, { expected, message }: v.BaseIssue<unknown>): string {
  const told = schema && v.getDescription(schema as v.GenericSchema);
  return (
    told ??
    expected
      ?.replace(/^\((.*)\)$/, "$1")
      .replaceAll(" | ", ", ")
      .replaceAll('"', "") ??
    message
  );
}

/** Makes a tool of what it is for, the entries of its arguments, and what it does. */
export function tool<E extends Entries>(
  facts: { readonly description: string; readonly reads?: boolean },
  entries: E,
  run: (args: v.InferOutput<v.StrictObjectSchema<E, undefined>>, call: Call) => Promise<object>,
): Tool {
  return {
    description: facts.description,
    reads: facts.reads ?? false,
    schema: jsonSchema(entries),
    call: async (input, context) => run(parseArguments(entries, input), context),
  };
}

/** The same for a tool that takes options of ours beside its own arguments: their own check names what is wrong with them. */
export function toolWithOptions<E extends Entries>(
  facts: { readonly description: string },
  entries: E,
  options: Entries,
  run: (
    args: v.InferOutput<v.StrictObjectSchema<E, undefined>>,
    given: Record<string, unknown>,
    call: Call,
  ) => Promise<object>,
): Tool {
  return {
    description: facts.description,
    reads: false,
    schema: jsonSchema({ ...entries, ...options }),
    call: async (input, context) => {
      const all = Object.entries((input ?? {}) as Record<string, unknown>);
      const own = Object.fromEntries(all.filter(([name]) => Object.hasOwn(entries, name)));
      const given = Object.fromEntries(all.filter(([name]) => !Object.hasOwn(entries, name)));
      return run(parseArguments(entries, own), given, context);
    },
  };
}

function jsonSchema(entries: Entries): Record<string, unknown> {
  // How reading changes a value, or a check that is code, can't be said in JSON schema.
  const schema = toJsonSchema(v.strictObject(entries), {
    target: "draft-2020-12",
    typeMode: "input",
    errorMode: "ignore",
  });
  return JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
}
