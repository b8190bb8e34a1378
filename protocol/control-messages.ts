// What is said when a person takes over a page: between the player and the host by a WebSocket (and input by a data channel, where there is
// one), between the host and the program that drives the page by server-sent events. Places are shares of the video's picture, so that neither the player's size nor the page's matters.
import * as v from "valibot";
import { FlyBrowserError } from "./errors.ts";
import { sentence, type Words } from "./sentence.ts";

/** s that a hand-off waits unless it says otherwise, and at most. */
export const HAND_OFF_TIMEOUT = 300;
const MAX_HAND_OFF = 86_400;
/** Characters of a reason or a note. */
const MAX_WORDS = 500;
/** Characters that one paste may have. */
export const MAX_TEXT = 20_000;
/** Fingers. */
const MAX_POINTS = 10;
/** Entries of a list that a person chooses from. */
export const MAX_CHOICES = 500;
const MAX_LABEL = 200;
/** Characters of a dialog's text, and of what is entered in a picker or dialog. */
export const MAX_DIALOG_TEXT = 1_000;
/** Input messages of a person, a second over time and at once: a player sends one per picture of the screen. */
export const INPUT_RATE = { per_second: 250, burst: 500 } as const;
/** Bytes of a message: a paste of {@link MAX_TEXT} characters. */
export const MAX_INPUT_BYTES = 128 * 1024;
/** Label of the data channel that takes input. Its first message is a ticket, the answer to it {@link INPUT_ACCEPTED}. */
export const INPUT_CHANNEL = "input";
export const INPUT_ACCEPTED = "accepted";

const Share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** A place in the video's picture; `aspect`: the picture's width by its height. */
const Place = { x: Share, y: Share, aspect: v.pipe(v.number(), v.minValue(0.05), v.maxValue(20)) };
/** Bits as in the DevTools protocol: Alt 1, Ctrl 2, Meta 4, Shift 8. */
const Modifiers = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(15));
const Delta = v.pipe(v.number(), v.minValue(-10_000), v.maxValue(10_000));
const Words500 = v.pipe(v.string(), v.maxLength(MAX_WORDS));
const KeyName = v.pipe(v.string(), v.maxLength(40));

/** Schema of what a person does with the page. */
export const InputSchema = v.variant("type", [
  v.strictObject({
    type: v.literal("mouse"),
    action: v.picklist(["move", "down", "up"]),
    ...Place,
    /** The one that went down or up. */
    button: v.picklist(["none", "left", "middle", "right", "back", "forward"]),
    /** Those that are down, as `MouseEvent.buttons`. */
    buttons: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(31)),
    /** 2: a double click. */
    clicks: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3)),
    modifiers: Modifiers,
  }),
  v.strictObject({ type: v.literal("wheel"), ...Place, delta_x: Delta, delta_y: Delta, modifiers: Modifiers }),
  v.strictObject({
    type: v.literal("key"),
    action: v.picklist(["down", "up"]),
    /** As in `KeyboardEvent`. */
    key: KeyName,
    code: KeyName,
    key_code: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
    location: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3)),
    repeat: v.boolean(),
    modifiers: Modifiers,
  }),
  /** Pasted, or composed by an input method. */
  v.strictObject({ type: v.literal("text"), text: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TEXT)) }),
  v.strictObject({
    type: v.literal("touch"),
    action: v.picklist(["start", "move", "end", "cancel"]),
    /** Those that touch now. */
    points: v.pipe(
      v.array(v.strictObject({ id: v.pipe(v.number(), v.integer(), v.minValue(0)), ...Place })),
      v.maxLength(MAX_POINTS),
    ),
  }),
  /**
   * What was chosen in a control that the player shows in place of the browser's; `null`: nothing. Of a dialog `null` is its Cancel, a string
   * its OK, with what was entered.
   */
  v.strictObject({
    type: v.literal("picked"),
    picker_id: v.pipe(v.number(), v.integer()),
    value: v.nullable(
      v.union([v.pipe(v.string(), v.maxLength(MAX_DIALOG_TEXT)), v.pipe(v.number(), v.integer(), v.minValue(0))]),
    ),
  }),
]);
/** Something that a person does with the page. */
export type Input = v.InferOutput<typeof InputSchema>;

/** Schema of input as a player sends it, by either way. */
export const InputMessageSchema = v.strictObject({
  type: v.literal("input"),
  /** 1 for the first on a socket, one more for each that follows: what comes by both ways is done once, in order. */
  n: v.pipe(v.number(), v.integer(), v.minValue(1)),
  input: InputSchema,
});
/** Input as a player sends it. */
export type InputMessage = v.InferOutput<typeof InputMessageSchema>;

/** Schema of what a player says to the host. */
export const ViewerMessageSchema = v.variant("type", [
  v.strictObject({ type: v.literal("take") }),
  v.strictObject({ type: v.literal("decline"), note: Words500 }),
  v.strictObject({ type: v.literal("done"), note: Words500 }),
  InputMessageSchema,
  /** Asks for a ticket for its data channel. */
  v.strictObject({ type: v.literal("channel") }),
]);
/** What a player says to the host. */
export type ViewerMessage = v.InferOutput<typeof ViewerMessageSchema>;

/** Kinds of controls that a browser draws outside of the page, so that no viewer sees them. */
export const PICKER_KINDS = ["select", "date", "time", "datetime-local", "month", "week", "color"] as const;

/** Dialogs of scripts, which stand over the page until somebody answers, and that it is about to be left (`beforeunload`). */
export const DIALOG_KINDS = ["alert", "confirm", "prompt", "beforeunload"] as const;

/** Schema of such a control or dialog, for the player to show in its place. */
export const PickerSchema = v.object({
  picker_id: v.pipe(v.number(), v.integer()),
  kind: v.picklist([...PICKER_KINDS, ...DIALOG_KINDS]),
  /** Of a dialog its text. */
  label: v.pipe(v.string(), v.maxLength(MAX_DIALOG_TEXT)),
  /** Of `select`. */
  choices: v.pipe(
    v.array(v.object({ label: v.pipe(v.string(), v.maxLength(MAX_LABEL)), disabled: v.boolean() })),
    v.maxLength(MAX_CHOICES),
  ),
  /** Index of the chosen entry; -1: none. */
  chosen: v.pipe(v.number(), v.integer()),
  /** Of the others; of `prompt` what stands there already. */
  value: v.pipe(v.string(), v.maxLength(MAX_DIALOG_TEXT)),
  min: v.pipe(v.string(), v.maxLength(100)),
  max: v.pipe(v.string(), v.maxLength(100)),
});
/** Such a control or dialog. */
export type Picker = v.InferOutput<typeof PickerSchema>;

/** Schema of what the host says to a player. */
export const HostMessageSchema = v.variant("type", [
  v.object({
    type: v.literal("control"),
    /** `closed`: there is nothing to take over. `open`: whoever wants to. `yours`: this player has it. `taken`: another one has. */
    state: v.picklist(["closed", "open", "yours", "taken"]),
    /** Why the program asks; `null`: it doesn't ask, it allows. */
    reason: v.nullable(v.string()),
    /** s until it is over; `null`: it has no end of its own. */
    ends_in: v.nullable(v.number()),
    /** Who has it. */
    by: v.nullable(v.string()),
  }),
  /** `null`: the one that was shown is no more. */
  v.object({ type: v.literal("picker"), picker: v.nullable(PickerSchema) }),
  /** Input up to this one has come. */
  v.object({ type: v.literal("taken"), n: v.number() }),
  /** The ticket for a data channel; `null`: there is none, or none any more. */
  v.object({ type: v.literal("channel"), ticket: v.nullable(v.string()) }),
]);
/** What the host says to a player. */
export type HostMessage = v.InferOutput<typeof HostMessageSchema>;

/** How a hand-off ends. */
export const OUTCOMES = ["done", "declined", "timeout"] as const;

/** Schema of the result of `handOff`. */
export const HandOffResultSchema = v.object({
  outcome: v.picklist(OUTCOMES),
  /** What the person wrote; empty: nothing. */
  note: v.string(),
});
/** Result of `handOff`. */
export type HandOffResult = v.InferOutput<typeof HandOffResultSchema>;

/** Schema of the options of `handOff`. */
export const HandOffOptionsSchema = v.strictObject({
  /** What the person is asked to do. */
  reason: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(MAX_WORDS)),
  /** s */
  timeout: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_HAND_OFF)), HAND_OFF_TIMEOUT),
});
/** What a caller may give to `handOff`. */
export type HandOffOptions = v.InferInput<typeof HandOffOptionsSchema>;
/** The same with the default filled in. */
export type ResolvedHandOffOptions = v.InferOutput<typeof HandOffOptionsSchema>;

/** Schema of the body of `POST /api/streams/{id}/control`: a hand-off, or without `reason` leave to take over at any time. */
export const OpenControlSchema = v.union([HandOffOptionsSchema, v.strictObject({})]);

/** Names of the server-sent events of `POST /api/streams/{id}/control`, each with its JSON. */
export const PROGRAM_EVENTS = {
  /** A person has taken over. */
  taken: v.object({ by: v.string(), link_id: v.string(), task_id: v.string() }),
  /** And has given it back, or is gone. */
  released: v.object({}),
  input: InputSchema,
  /** The hand-off is over. */
  ended: HandOffResultSchema,
} as const;
/** Name of such an event. */
export type ProgramEventName = keyof typeof PROGRAM_EVENTS;
/** Such an event. */
export type ProgramEvent = {
  [N in ProgramEventName]: { readonly name: N; readonly data: v.InferOutput<(typeof PROGRAM_EVENTS)[N]> };
}[ProgramEventName];

/** Schema of the answer of `POST` and `DELETE /api/streams/{id}/control/picker`. */
export const ShownSchema = v.object({ shown: v.boolean() });

/** Schema of what a stream's status says of control. */
export const ControlStatusSchema = v.object({
  /** `open`: a person is asked, or may. `taken`: a person has it. */
  state: v.picklist(["open", "taken"]),
  reason: v.nullable(v.string()),
  /** Name of the link of whoever has it. */
  by: v.nullable(v.string()),
});
/** What a stream's status says of control. */
export type ControlStatus = v.InferOutput<typeof ControlStatusSchema>;

const ALLOWED: Readonly<Record<keyof HandOffOptions, Words>> = {
  reason: sentence("allowed.reason", { most: MAX_WORDS }),
  timeout: sentence("allowed.hand_off_timeout", { most: MAX_HAND_OFF }),
};

/**
 * Checks the options of `handOff` and fills in the default.
 * @throws FlyBrowserError `invalid_option`, `unknown_option`
 */
export function parseHandOffOptions(input: unknown): ResolvedHandOffOptions {
  const parsed = v.safeParse(HandOffOptionsSchema, input);
  if (parsed.success) return parsed.output;
  const [at] = parsed.issues[0].path ?? [];
  const option = typeof at?.key === "string" ? at.key : "reason";
  if (!Object.hasOwn(ALLOWED, option)) {
    throw new FlyBrowserError("unknown_option", { option, allowed: Object.keys(ALLOWED).join(", ") });
  }
  const value = JSON.stringify(at?.value)?.slice(0, 120) ?? sentence("value.left_out");
  throw new FlyBrowserError("invalid_option", { option, value, allowed: ALLOWED[option as keyof HandOffOptions] });
}
