// Taking over the page: the bar that asks or tells who has control, the surface over the video that a person steers by, and the controls
// that are shown in place of those which the page's browser would draw where nobody sees them.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { DIALOG_KINDS, type Input, MAX_DIALOG_TEXT, type Picker } from "../../protocol/control-messages.ts";
import { CLOSED, ControlLink, type ControlState } from "../control-link.ts";
import { Hands } from "../hands.ts";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { TEXT, takenBy } from "../wording.ts";

/** Taking over, as a page by a link that allows it has it. */
export interface TakeOver {
  readonly state: ControlState;
  readonly picker: Picker | null;
  take(): void;
  decline(): void;
  done(note: string): void;
  input(input: Input): void;
  /** The choice in {@link picker}; `null`: none. */
  pick(value: string | number | null): void;
}

/** `null`: the link of this page doesn't allow it. */
export function useTakeOver(base: URL, player: Player | null, snapshot: Snapshot | null): TakeOver | null {
  const [link, setLink] = useState<ControlLink | null>(null);
  const [state, setState] = useState<ControlState>(CLOSED);
  const [picker, setPicker] = useState<Picker | null>(null);
  // Only some of the host's messages say it.
  const allowed = useRef(false);
  const playing = useRef(player);
  playing.current = player;
  allowed.current ||= snapshot?.stream?.allow === "control";
  const open = allowed.current && snapshot?.phase !== "ended";
  useEffect(() => {
    if (!open) return;
    const inputChannel = () => playing.current?.inputChannel() ?? null;
    const opened = new ControlLink(base, { onState: setState, onPicker: setPicker, inputChannel });
    setLink(opened);
    return () => {
      opened.close();
      setLink(null);
      setState(CLOSED);
    };
  }, [base, open]);
  const mine = state.state === "yours";
  useEffect(() => {
    if (!mine) setPicker(null);
    if (!mine || !player) return;
    // What is steered has to be seen at once.
    player.steer();
  }, [mine, player]);
  if (!link) return null;
  return {
    ...{ state, picker },
    take: () => link.take(),
    decline: () => link.decline(""),
    done: (note) => link.done(note),
    input: (input) => link.input(input),
    pick: (value) => {
      if (picker) link.input({ type: "picked", picker_id: picker.picker_id, value });
      setPicker(null);
    },
  };
}

/** The bar; nothing while nobody may take over. `field`: where keys go while this person has control. */
export function TakeOverBar({ takeOver, field }: { takeOver: TakeOver; field: RefObject<HTMLTextAreaElement | null> }) {
  const [note, setNote] = useState("");
  const { state, reason, by } = takeOver.state;
  if (state === "closed") return null;
  const title = {
    open: reason === null ? TEXT.may_take_over : TEXT.help_wanted,
    yours: TEXT.you_have_control,
    taken: takenBy(by),
  }[state];
  const give = (event: Event) => {
    event.preventDefault();
    takeOver.done(note.trim());
    setNote("");
  };
  return (
    <section class="take-over" data-state={state} aria-label={TEXT.control}>
      <p class="take-over-words" role="status">
        <strong>{title}</strong>
        {reason !== null && <span>{reason}</span>}
      </p>
      {state === "open" && (
        <div class="take-over-actions">
          {reason !== null && (
            <button type="button" class="quiet" onClick={() => takeOver.decline()}>
              {TEXT.decline}
            </button>
          )}
          <button type="button" class="strong" onClick={() => takeOver.take()}>
            {TEXT.take_over}
          </button>
        </div>
      )}
      {state === "yours" && (
        <form class="take-over-actions" onSubmit={give}>
          <button type="button" class="quiet keyboard" onClick={() => field.current?.focus()}>
            {TEXT.keyboard}
          </button>
          <input
            class="take-over-note"
            value={note}
            maxLength={500}
            placeholder={TEXT.note}
            aria-label={TEXT.note}
            onKeyDown={(event) => event.stopPropagation()}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
          <button type="submit" class="strong" title={TEXT.leave_hint}>
            {TEXT.done}
          </button>
        </form>
      )}
    </section>
  );
}

interface SurfaceProps {
  readonly takeOver: TakeOver;
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

/** Lies over the video while this person has control. */
export function ControlSurface({ takeOver, video, field }: SurfaceProps) {
  const surface = useRef<HTMLDivElement>(null);
  const latest = useRef(takeOver);
  latest.current = takeOver;
  useEffect(() => {
    if (!surface.current || !field.current || !video.current) return;
    const hands = new Hands({
      surface: surface.current,
      field: field.current,
      video: video.current,
      send: (input) => latest.current.input(input),
      onLeave: () => document.querySelector<HTMLElement>(".take-over .strong")?.focus(),
    });
    field.current.focus({ preventScroll: true });
    return () => hands.close();
  }, [video, field]);
  const { picker } = takeOver;
  // By its end the card had the focus: what is typed next is meant for the page again.
  useLayoutEffect(() => {
    if (!picker) return;
    return () => {
      if (!latest.current.picker) field.current?.focus({ preventScroll: true });
    };
  }, [picker, field]);
  const Card = (DIALOG_KINDS as readonly string[]).includes(picker?.kind ?? "") ? DialogCard : PickerCard;
  return (
    <div class="control-surface">
      <textarea
        class="control-field"
        ref={field}
        aria-label={TEXT.page_input}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
      />
      <div class="control-place" ref={surface} />
      {picker && <Card key={picker.picker_id} picker={picker} pick={takeOver.pick} />}
    </div>
  );
}

/** The control of the page's browser that no viewer sees, as one of this browser's. */
function PickerCard({ picker, pick }: { picker: Picker; pick: TakeOver["pick"] }) {
  const { kind, label, choices, chosen, value, min, max } = picker;
  const [picked, setPicked] = useState<string>(kind === "select" ? String(chosen) : value);
  const input = useRef<HTMLSelectElement & HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const name = label || TEXT.choose;
  const submit = (event: Event) => {
    event.preventDefault();
    pick(kind === "select" ? Math.max(0, Number(picked)) : picked);
  };
  const changed = (event: { currentTarget: { value: string } }) => setPicked(event.currentTarget.value);
  return (
    <form class="picker" onSubmit={submit} onKeyDown={(event) => event.stopPropagation()}>
      <div class="picker-field">
        <span aria-hidden="true">{name}</span>
        {kind === "select" ? (
          <select
            ref={input}
            aria-label={name}
            size={Math.min(10, Math.max(2, choices.length))}
            value={picked}
            onChange={changed}
          >
            {choices.map((choice, index) => (
              <option key={String(index)} value={String(index)} disabled={choice.disabled}>
                {choice.label}
              </option>
            ))}
          </select>
        ) : (
          <input
            ref={input}
            aria-label={name}
            type={kind as "date"}
            value={picked}
            min={min}
            max={max}
            onInput={changed}
          />
        )}
      </div>
      <div class="take-over-actions">
        <button type="button" class="quiet" onClick={() => pick(null)}>
          {TEXT.cancel}
        </button>
        <button type="submit" class="strong">
          {TEXT.choose}
        </button>
      </div>
    </form>
  );
}

/** A dialog that stands over the page until somebody answers it. */
function DialogCard({ picker, pick }: { picker: Picker; pick: TakeOver["pick"] }) {
  const { kind, label } = picker;
  const [entered, setEntered] = useState(picker.value);
  const form = useRef<HTMLFormElement>(null);
  // At once: a key that comes next is its answer, and not for the page.
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>("input, .strong")?.focus(), []);
  const leaving = kind === "beforeunload";
  const answer = (event: Event) => {
    event.preventDefault();
    pick(kind === "prompt" ? entered : "");
  };
  const key = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") pick(kind === "alert" ? "" : null);
  };
  return (
    <div class="picker" role="dialog" aria-label={TEXT.page_says}>
      <form ref={form} onSubmit={answer} onKeyDown={key}>
        <p class="dialog-text">{leaving ? TEXT.leave_page : label}</p>
        {kind === "prompt" && (
          <input
            aria-label={label || TEXT.page_says}
            value={entered}
            maxLength={MAX_DIALOG_TEXT}
            onInput={(event) => setEntered(event.currentTarget.value)}
          />
        )}
        <div class="take-over-actions">
          {kind !== "alert" && (
            <button type="button" class="quiet" onClick={() => pick(null)}>
              {leaving ? TEXT.stay : TEXT.cancel}
            </button>
          )}
          <button type="submit" class="strong">
            {leaving ? TEXT.leave : TEXT.ok}
          </button>
        </div>
      </form>
    </div>
  );
}
