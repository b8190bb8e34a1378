// Who answers a dialog while a person has control: they, or the program that listens, and nobody's stays open.
import { beforeEach, expect, it } from "vitest";
import type { Picker } from "../../../protocol/control-messages.ts";
import { DialogHand, type DialogHandOptions } from "../../../sdk/dialog-hand.ts";
import type { OpenDialog } from "../../../sdk/unseen.ts";

let listeners: number;
let dialog: OpenDialog | null;
let tell: () => void;
let answered: [boolean, string][];
let shown: (Picker | null)[];
let hidden: boolean;

const CONFIRM: OpenDialog = { type: "confirm", message: "Delete all?", entered: "" };

beforeEach(() => {
  [listeners, dialog, tell, answered, shown, hidden] = [0, null, () => {}, [], [], false];
});

function hand(): DialogHand {
  let id = 6;
  return new DialogHand({
    page: {
      on: () => listeners++,
      off: () => listeners--,
      listenerCount: () => listeners,
    } as unknown as DialogHandOptions["page"],
    dialogs: {
      get dialog() {
        return dialog;
      },
      onDialog: (listener) => {
        tell = listener;
        return () => {
          tell = () => {};
        };
      },
      answer: async (accept, text) => void answered.push([accept, text]),
    },
    isPrivate: () => hidden,
    nextId: () => ++id,
    show: async (picker) => void shown.push(picker),
  });
}

function opens(next: OpenDialog | null): void {
  dialog = next;
  tell();
}

it("shows one that is open already, takes its answer once, and none of another one", () => {
  dialog = CONFIRM;
  const ada = hand();
  expect(shown).toMatchObject([{ picker_id: 7, kind: "confirm", label: "Delete all?", value: "" }]);
  expect([ada.answer(6, ""), ada.answer(7, ""), ada.answer(7, "")]).toEqual([false, true, false]);
  expect(answered).toEqual([[true, ""]]);
  opens(null);
  opens({ type: "prompt", message: "Who?", entered: "Ada" });
  expect(shown.at(-1)).toMatchObject({ picker_id: 8, kind: "prompt", value: "Ada" });
  expect(ada.answer(8, null)).toBe(true);
  expect(answered.at(-1)).toEqual([false, ""]);
});

it("takes away what was answered otherwise", () => {
  hand();
  opens(CONFIRM);
  opens(null);
  expect(shown.at(-1)).toBeNull();
});

it("dismisses at the end what is open and what nobody listens for, and leaves a page that is being left", async () => {
  for (const [next, listens, outcome] of [
    [CONFIRM, 0, [[false, ""]]],
    [{ ...CONFIRM, type: "beforeunload" }, 0, [[true, ""]]],
    [CONFIRM, 1, []],
    [null, 0, []],
  ] as const) {
    [listeners, answered] = [listens, []];
    const ada = hand();
    opens(next);
    await ada.close();
    expect([answered, listeners]).toEqual([outcome, listens]);
    dialog = null;
  }
});

it("shows nothing of private time: what nobody listens for is dismissed", () => {
  hidden = true;
  hand();
  opens(CONFIRM);
  expect([shown, answered]).toEqual([[], [[false, ""]]]);
  [listeners, answered] = [2, []];
  opens(null);
  opens({ ...CONFIRM });
  expect([shown, answered]).toEqual([[], []]);
});
