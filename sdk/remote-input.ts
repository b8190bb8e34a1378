// Carries out what a person does, on one page, by the DevTools protocol (Input domain). One after another; what the page can't keep up with
// is joined: of moves only the newest counts.
import { LATE, timeout } from "../protocol/async.ts";
import type { Input, Picker } from "../protocol/control-messages.ts";
import { MAX_CHOICES, PICKER_KINDS } from "../protocol/control-messages.ts";
import { type PicturePlace, pagePoint, type Size } from "./page-point.ts";
import { type AnyPage, openSession, type PageSession } from "./page-target.ts";
import { type PageAgent, pageAgent } from "./picker-page.ts";

/** Name of the isolated world, and of the global in it. */
const WORLD = "flybrowser-control";
const AGENT = "agent";
/** Characters of a label: what a picker's message may hold (control-messages.ts). */
const MAX_LABEL = 100;
/** Messages that may wait; above it the oldest moves go, then whatever is oldest. */
const MAX_WAITING = 400;
/** ms within which a page takes what is under way, at the end. */
const TAKEN_WITHIN = 2_000;
/** ms for which the page's size is taken as known. */
const SIZE_FRESH = 1_000;

/** Alt and Ctrl, as modifiers of the DevTools protocol. */
const ALT_GR = 3;

type KeyInput = Extract<Input, { type: "key" }>;
type MouseInput = Extract<Input, { type: "mouse" }>;

/** The text that a key enters; empty: none. */
function textOf({ key, modifiers }: KeyInput): string {
  if (key === "Enter") return "\r";
  const command = (modifiers & 2) !== 0 || (modifiers & 4) !== 0;
  return [...key].length === 1 && (!command || isAltGr({ key, modifiers })) ? key : "";
}

/** AltGr is Ctrl and Alt together on Windows, Alt alone on a Mac, and enters what stands on the key: nothing that shortcuts are made of. */
function isAltGr({ key, modifiers }: Pick<KeyInput, "key" | "modifiers">): boolean {
  return (modifiers & 1) !== 0 && [...key].length === 1 && /[^\x20-\x7e]|[@[\]{}|\\~]/.test(key);
}

/** Steers one page, from the time a person takes over until they give it back. */
export class RemoteInput {
  readonly #page: AnyPage;
  readonly #show: (picker: Omit<Picker, "picker_id">) => Promise<number | null>;
  #session: Promise<PageSession> | null = null;
  readonly #waiting: Input[] = [];
  #working: Promise<void> | null = null;
  #size: { readonly size: Size; readonly at: number } | null = null;
  /** Id of the picker that is shown. */
  #picker: number | null = null;
  /** What is held down, by what releases it. */
  readonly #keys = new Map<string, KeyInput>();
  readonly #buttons = new Map<string, MouseInput>();
  #touching = false;
  #closed = false;

  /** `show`: has the person choose, and gives the id by which they do; `null`: nobody does. */
  constructor(page: AnyPage, show: (picker: Omit<Picker, "picker_id">) => Promise<number | null>) {
    this.#page = page;
    this.#show = show;
  }

  /** Takes something to carry out. */
  take(input: Input): void {
    if (this.#closed) return;
    const last = this.#waiting.at(-1);
    if (last && isMove(last) && isMove(input) && last.type === input.type) this.#waiting.pop();
    this.#waiting.push(input);
    if (this.#waiting.length > MAX_WAITING) {
      const move = this.#waiting.findIndex(isMove);
      this.#waiting.splice(Math.max(0, move), 1);
    }
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  /** Lets go of all that is held, and of the page. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting.length = 0;
    // What stands over the page, a dialog that the program keeps open, keeps it from taking anything.
    if (this.#working && (await timeout(this.#working, TAKEN_WITHIN)) === LATE) return this.#detach();
    for (const key of this.#keys.values()) await this.#try({ ...key, action: "up", modifiers: 0 });
    for (const mouse of this.#buttons.values()) await this.#try({ ...mouse, action: "up", buttons: 0 });
    if (this.#touching) await this.#try({ type: "touch", action: "cancel", points: [] });
    await this.#detach();
  }

  async #detach(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    await session?.detach().catch(() => {}); // the page is closed
  }

  async #work(): Promise<void> {
    for (let input = this.#waiting.shift(); input; input = this.#waiting.shift()) await this.#try(input);
  }

  /** A page that navigates, or is closed, loses what was meant for it. */
  async #try(input: Input): Promise<void> {
    try {
      this.#session ??= openSession(this.#page);
      await this.#carryOut(await this.#session, input);
    } catch {
      this.#size = null;
    }
  }

  async #carryOut(session: PageSession, input: Input): Promise<void> {
    switch (input.type) {
      case "mouse":
        return this.#mouse(session, input);
      case "wheel": {
        const { delta_x, delta_y, modifiers } = input;
        const at = { ...(await this.#point(session, input)), modifiers };
        await session.send("Input.dispatchMouseEvent", { type: "mouseWheel", ...at, deltaX: delta_x, deltaY: delta_y });
        return;
      }
      case "key":
        return this.#key(session, input);
      case "text":
        await session.send("Input.insertText", { text: input.text });
        return;
      case "touch": {
        const touchPoints = await Promise.all(
          input.points.map(async ({ id, ...place }) => ({ id, ...(await this.#point(session, place)) })),
        );
        this.#touching = touchPoints.length > 0;
        // The protocol takes an end without points alone; that one of several fingers is gone, it sees by those that are left.
        const ends = input.action === "end" && touchPoints.length > 0;
        const type = { start: "touchStart", move: "touchMove", end: "touchEnd", cancel: "touchCancel" }[
          ends ? "move" : input.action
        ];
        await session.send("Input.dispatchTouchEvent", {
          type,
          touchPoints: type === "touchCancel" ? [] : touchPoints,
        });
        return;
      }
      case "picked":
        if (input.value !== null && input.picker_id === this.#picker) {
          await this.#agent(session, `${AGENT}.pick(${JSON.stringify(input.value)})`);
        }
    }
  }

  async #mouse(session: PageSession, input: MouseInput): Promise<void> {
    const { action, button, buttons, clicks, modifiers } = input;
    if (action === "down") this.#size = null; // what is hit counts: the page may have another size by now
    const { x, y } = await this.#point(session, input);
    if (action === "down" && button === "left" && (await this.#offersPicker(session, x, y))) return;
    // A press that opened a picker has no release.
    if (action === "up" && !this.#buttons.delete(button)) return;
    if (action === "down") this.#buttons.set(button, input);
    const type = { move: "mouseMoved", down: "mousePressed", up: "mouseReleased" }[action];
    await session.send("Input.dispatchMouseEvent", { type, x, y, button, buttons, clickCount: clicks, modifiers });
  }

  async #key(session: PageSession, input: KeyInput): Promise<void> {
    const { action, key, code, key_code, location, repeat } = input;
    // On Linux AltGr is neither Ctrl nor Alt, and with them nothing is entered.
    const modifiers = isAltGr(input) ? input.modifiers & ~ALT_GR : input.modifiers;
    const common = { key, code, windowsVirtualKeyCode: key_code, location, modifiers, isKeypad: location === 3 };
    if (action === "up") {
      if (!this.#keys.delete(code || key)) return;
      await session.send("Input.dispatchKeyEvent", { type: "keyUp", ...common });
      return;
    }
    this.#keys.set(code || key, input);
    const text = textOf(input);
    const type = text === "" ? "rawKeyDown" : "keyDown";
    // Chromium leaves editing commands of shortcuts to the window, which a page that is steered so doesn't have.
    const commands = (modifiers & 6) !== 0 && key.toLowerCase() === "a" ? ["selectAll"] : [];
    await session.send("Input.dispatchKeyEvent", {
      type,
      ...common,
      text,
      unmodifiedText: text,
      autoRepeat: repeat,
      commands,
    });
  }

  /** Has the person choose, where the page's browser would draw a list or a calendar that nobody sees. */
  async #offersPicker(session: PageSession, x: number, y: number): Promise<boolean> {
    const asked = `${AGENT}.pickerAt(${x}, ${y})`;
    const picker = (await this.#agent(session, asked).catch(() => null)) as ReturnType<PageAgent["pickerAt"]>;
    if (!picker) return false;
    this.#picker = await this.#show(picker).catch(() => null);
    return this.#picker !== null;
  }

  async #point(session: PageSession, place: PicturePlace): Promise<{ x: number; y: number }> {
    if (!this.#size || performance.now() - this.#size.at > SIZE_FRESH) {
      const size = (await this.#agent(session, `${AGENT}.size()`)) as Size;
      this.#size = { size, at: performance.now() };
    }
    return pagePoint(place, this.#size.size);
  }

  async #agent(session: PageSession, expression: string): Promise<unknown> {
    const { frameTree } = (await session.send("Page.getFrameTree")) as { frameTree: { frame: { id: string } } };
    const world = { frameId: frameTree.frame.id, worldName: WORLD };
    const { executionContextId } = (await session.send("Page.createIsolatedWorld", world)) as {
      executionContextId: number;
    };
    const limits = JSON.stringify({ choices: MAX_CHOICES, label: MAX_LABEL });
    // Bundlers that keep function names put calls of __name into the text of the function.
    const make = `const __name = (named) => named; (${pageAgent})(${JSON.stringify(AGENT)}, ${JSON.stringify(PICKER_KINDS)}, ${limits});`;
    const answer = (await session.send("Runtime.evaluate", {
      contextId: executionContextId,
      expression: `{ ${make} } ${expression}`,
      returnByValue: true,
    })) as { result: { value?: unknown }; exceptionDetails?: { text: string } };
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.text);
    return answer.result.value ?? null;
  }
}

function isMove(input: Input): boolean {
  return (input.type === "mouse" || input.type === "touch") && input.action === "move";
}
