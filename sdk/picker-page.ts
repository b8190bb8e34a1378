// What is asked of a page in an isolated world while a person steers it: its size, and controls that the browser draws outside of the page
// (the list of a `<select>`, pickers of dates and colours), which no viewer sees. Sent to the page as text, so it can't import anything.

/** What {@link pageAgent} leaves in its world. */
export interface PageAgent {
  size(): { width: number; height: number };
  /** The control at a point that opens such a picker; `null`: there is none. */
  pickerAt(x: number, y: number): Omit<import("../protocol/control-messages.ts").Picker, "picker_id"> | null;
  /** Chooses in the control that was found last. */
  pick(value: string | number): void;
}

/** Makes the agent in this world, once. `name`: of the global; the limits are those of the messages. */
export function pageAgent(name: string, kinds: readonly string[], most: { choices: number; label: number }): void {
  const world = globalThis as unknown as Record<string, PageAgent | undefined>;
  if (world[name]) return;
  let found: HTMLSelectElement | HTMLInputElement | null = null;
  const cut = (text: string) => text.trim().slice(0, most.label);

  /** Through open shadow roots, and frames of the same origin. */
  const elementAt = (root: Document | ShadowRoot, x: number, y: number): Element | null => {
    const element = root.elementFromPoint(x, y);
    if (element?.shadowRoot && element.shadowRoot !== root) return elementAt(element.shadowRoot, x, y) ?? element;
    const inside = element instanceof HTMLIFrameElement ? element.contentDocument : null;
    if (!element || !inside) return element;
    const box = element.getBoundingClientRect();
    return elementAt(inside, x - box.left - element.clientLeft, y - box.top - element.clientTop);
  };
  world[name] = {
    size: () => ({ width: innerWidth, height: innerHeight }),
    pickerAt(x, y) {
      found = null;
      // Elements of other frames are of other classes.
      const element = elementAt(document, x, y)?.closest("select, input") as
        | HTMLSelectElement
        | HTMLInputElement
        | null;
      if (!element || element.disabled) return null;
      const label = cut(element.labels?.[0]?.innerText || element.getAttribute("aria-label") || element.name || "");
      const none = { label, choices: [], chosen: -1, value: "", min: "", max: "" };
      if ("options" in element) {
        // Others are lists inside of the page.
        if (element.multiple || element.size > 1) return null;
        const choices = [...element.options].slice(0, most.choices).map((option) => ({
          label: cut(option.label) || option.value.slice(0, most.label),
          disabled: option.disabled || (option.parentElement as HTMLOptGroupElement | null)?.disabled === true,
        }));
        found = element;
        return { ...none, kind: "select", choices, chosen: element.selectedIndex };
      }
      if (!kinds.includes(element.type) || element.readOnly) return null;
      found = element;
      const { value, min, max } = element;
      return { ...none, kind: element.type as "date", value, min, max };
    },
    pick(value) {
      if (!found) return;
      found.focus();
      if ("options" in found) found.selectedIndex = Number(value);
      else found.value = String(value);
      for (const type of ["input", "change"]) found.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
    },
  };
}
