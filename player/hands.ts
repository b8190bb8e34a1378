// What a person does over the video, as input for the page: pointer, wheel, keys, touch, and text that is pasted or composed. Moves are
// joined to one per picture of the screen, in order with the rest.
import { type Input, MAX_TEXT } from "../protocol/control-messages.ts";
import { isInPicture, type PicturePlace, picturePlace } from "./picture-place.ts";

type MouseAction = Extract<Input, { type: "mouse" }>["action"];
type TouchAction = Extract<Input, { type: "touch" }>["action"];

const BUTTONS = ["left", "middle", "right", "back", "forward"] as const;
/** px of a line, where a wheel counts in lines. */
const LINE = 40;
/** What a message holds. */
const MOST_CLICKS = 3;
const MOST_WHEEL = 10_000;

/** What it works with. */
export interface HandsOptions {
  /** Lies over the video. */
  readonly surface: HTMLElement;
  /** Has the focus, and gets what keyboards and input methods enter. */
  readonly field: HTMLTextAreaElement;
  readonly video: HTMLVideoElement;
  readonly send: (input: Input) => void;
  /** The person wants to be out of the page again, by keyboard. */
  readonly onLeave: () => void;
}

/** Listens from its making until it is closed. */
export class Hands {
  readonly #options: HandsOptions;
  readonly #listeners = new AbortController();
  /** Moves and wheels that wait for the next picture. */
  #move: Input | null = null;
  #wheel: Extract<Input, { type: "wheel" }> | null = null;
  #frame = 0;
  #pressed = false;
  #composing = false;
  readonly #keys = new Map<string, KeyboardEvent>();

  constructor(options: HandsOptions) {
    this.#options = options;
    const { surface, field } = options;
    const { signal } = this.#listeners;
    const active = { signal, passive: false };
    surface.addEventListener("mousedown", (event) => this.#mouse(event, "down"), active);
    addEventListener("mouseup", (event) => this.#mouse(event, "up"), { signal });
    addEventListener("mousemove", (event) => this.#mouse(event, "move"), { signal });
    surface.addEventListener("contextmenu", (event) => event.preventDefault(), active);
    surface.addEventListener("wheel", (event) => this.#onWheel(event), active);
    for (const [type, action] of [
      ["touchstart", "start"],
      ["touchmove", "move"],
      ["touchend", "end"],
      ["touchcancel", "cancel"],
    ] as const) {
      surface.addEventListener(type, (event) => this.#touch(event, action), active);
    }
    field.addEventListener("keydown", (event) => this.#key(event), { signal });
    field.addEventListener("keyup", (event) => this.#keyUp(event), { signal });
    field.addEventListener("paste", (event) => this.#paste(event), { signal });
    field.addEventListener("compositionstart", () => this.#compose(true), { signal });
    field.addEventListener("compositionend", () => this.#compose(false), { signal });
    field.addEventListener("input", () => this.#typed(), { signal });
    for (const target of [window, field]) target.addEventListener("blur", () => this.#letGo(), { signal });
  }

  /** Ends listening; what is held down is let go. Idempotent. */
  close(): void {
    this.#letGo();
    this.#listeners.abort();
    cancelAnimationFrame(this.#frame);
  }

  #place(point: { readonly clientX: number; readonly clientY: number }): PicturePlace | null {
    const { video } = this.#options;
    const { videoWidth: width, videoHeight: height } = video;
    const at = { x: point.clientX, y: point.clientY };
    return picturePlace(at, video.getBoundingClientRect(), { width, height });
  }

  #mouse(event: MouseEvent, action: MouseAction): void {
    const { surface, field, video } = this.#options;
    if (action === "move" && !this.#pressed && event.target !== surface) return;
    if (action === "up" && !this.#pressed) return;
    const place = this.#place(event);
    if (!place) return;
    if (action === "down") {
      event.preventDefault();
      field.focus({ preventScroll: true });
      const picture = { width: video.videoWidth, height: video.videoHeight };
      const at = { x: event.clientX, y: event.clientY };
      if (!isInPicture(at, video.getBoundingClientRect(), picture)) return; // the bars are no part of the page
      this.#pressed = true;
    }
    if (action === "up") this.#pressed = event.buttons !== 0;
    const button = action === "move" ? heldButton(event.buttons) : (BUTTONS[event.button] ?? "none");
    const clicks = action === "move" ? 0 : Math.min(Math.max(1, event.detail), MOST_CLICKS);
    const { buttons } = event;
    const input = { type: "mouse", action, ...place, button, buttons, clicks, modifiers: modifiersOf(event) } as const;
    if (action === "move") this.#later({ move: input });
    else this.#now(input);
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    const place = this.#place(event);
    if (!place) return;
    const unit = [1, LINE, this.#options.video.clientHeight][event.deltaMode] ?? 1;
    const bounded = (delta: number) => Math.min(MOST_WHEEL, Math.max(-MOST_WHEEL, delta));
    const delta_x = bounded((this.#wheel?.delta_x ?? 0) + event.deltaX * unit);
    const delta_y = bounded((this.#wheel?.delta_y ?? 0) + event.deltaY * unit);
    this.#later({ wheel: { type: "wheel", ...place, delta_x, delta_y, modifiers: modifiersOf(event) } });
  }

  #touch(event: TouchEvent, action: TouchAction): void {
    event.preventDefault(); // else the browser makes a mouse of it
    const points = [...event.touches].flatMap((touch) => {
      const place = this.#place(touch);
      return place ? [{ id: touch.identifier, ...place }] : [];
    });
    const input = { type: "touch", action, points } as const;
    if (action === "move") this.#later({ move: input });
    else this.#now(input);
  }

  #key(event: KeyboardEvent): void {
    event.stopPropagation(); // the player's own shortcuts
    if (event.ctrlKey && event.altKey && event.key === "Enter") {
      event.preventDefault();
      this.#options.onLeave();
      return;
    }
    const composes = event.isComposing || event.key === "Dead" || event.key === "Process" || event.keyCode === 229;
    const pastes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "v";
    if (composes || pastes || event.key === "Unidentified") return;
    event.preventDefault();
    this.#keys.set(event.code || event.key, event);
    this.#now(keyInput(event, "down"));
  }

  #keyUp(event: KeyboardEvent): void {
    event.stopPropagation();
    if (this.#keys.delete(event.code || event.key)) this.#now(keyInput(event, "up"));
  }

  #paste(event: ClipboardEvent): void {
    event.preventDefault();
    this.#text(event.clipboardData?.getData("text/plain") ?? "");
  }

  #compose(begins: boolean): void {
    this.#composing = begins;
    if (!begins) this.#typed();
  }

  /** What is in the field came by no key that was sent: from an input method, a dead key, the keyboard of a phone. */
  #typed(): void {
    const { field } = this.#options;
    if (this.#composing) return;
    this.#text(field.value);
    field.value = "";
  }

  #text(text: string): void {
    if (text !== "") this.#now({ type: "text", text: text.slice(0, MAX_TEXT) });
  }

  #letGo(): void {
    for (const event of this.#keys.values()) this.#now(keyInput(event, "up"));
    this.#keys.clear();
  }

  /** Everything else comes after the moves before it. */
  #now(input: Input): void {
    this.#flush();
    this.#options.send(input);
  }

  #later({ move, wheel }: { move?: Input; wheel?: Extract<Input, { type: "wheel" }> }): void {
    if (move && this.#move && move.type !== this.#move.type) this.#flush();
    if (move) this.#move = move;
    if (wheel) this.#wheel = wheel;
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#flush());
  }

  #flush(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const waiting = [this.#move, this.#wheel];
    this.#move = null;
    this.#wheel = null;
    for (const input of waiting) if (input) this.#options.send(input);
  }
}

/** As in the DevTools protocol. */
function modifiersOf(event: MouseEvent | KeyboardEvent): number {
  return (event.altKey ? 1 : 0) | (event.ctrlKey ? 2 : 0) | (event.metaKey ? 4 : 0) | (event.shiftKey ? 8 : 0);
}

function heldButton(buttons: number): "none" | "left" | "middle" | "right" {
  if (buttons & 1) return "left";
  if (buttons & 2) return "right";
  return buttons & 4 ? "middle" : "none";
}

function keyInput(event: KeyboardEvent, action: "down" | "up"): Input {
  const { key, code, keyCode: key_code, location, repeat } = event;
  return { type: "key", action, key, code, key_code, location, repeat, modifiers: modifiersOf(event) };
}
