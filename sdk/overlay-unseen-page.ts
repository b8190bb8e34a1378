// Draws what Chrome itself draws outside of the page, so that no viewer sees it: the list of a `<select>`, suggestions of a `<datalist>`, values
// of pickers, tooltips. Runs in the overlay's world; it is sent to the page as text, so it can't import anything.

/** `layer`: name of the function in this world that gives the layer to draw in (overlay-page.ts). */
export function drawUnseen(layer: string): void {
  const world = globalThis as unknown as Record<string, unknown>;
  const done = `${layer}Drawn`;
  if (world[done] || window !== window.top) return;
  world[done] = true;
  const [MOST, STAY, HOVER] = [8, 2_000, 500]; // entries; ms that it stays; ms until a tooltip comes
  const PICKERS = ["date", "time", "datetime-local", "month", "week", "color"];
  type Control = HTMLSelectElement | HTMLInputElement;
  let [card, timer, hovering]: [HTMLElement | null, number, number] = [null, 0, 0];
  let tip: Element | null = null;

  const hide = () => {
    card?.remove();
    card = null;
  };
  const show = (left: number, top: number, lines: readonly string[], chosen: number, stay: boolean) => {
    hide();
    clearTimeout(timer);
    const place = (world[layer] as () => HTMLElement | null)();
    if (!place || lines.length === 0) return;
    card = document.createElement("div");
    Object.assign(card.style, {
      ...{
        position: "fixed",
        left: `${left}px`,
        top: `${top}px`,
        minWidth: "60px",
        maxWidth: "60vw",
        padding: "4px 0",
      },
      ...{ background: "#ffffff", color: "#121316", border: "1px solid #8a8f98", borderRadius: "4px" },
      ...{ font: "14px/1.5 system-ui, sans-serif", boxShadow: "0 2px 10px rgb(0 0 0 / 35%)", pointerEvents: "none" },
    });
    const first = Math.max(0, Math.min(chosen - MOST / 2, lines.length - MOST));
    for (const [at, line] of lines.slice(first, first + MOST).entries()) {
      const entry = document.createElement("div");
      entry.textContent = line.slice(0, 120) || "\u00a0";
      const mark = at + first === chosen ? { background: "#2f6fed", color: "#ffffff" } : {};
      Object.assign(entry.style, { padding: "0 10px", whiteSpace: "nowrap", overflow: "hidden", ...mark });
      card.append(entry);
    }
    place.append(card);
    if (!stay) timer = setTimeout(hide, STAY) as unknown as number;
  };
  /** Where an element is in the top document, by the frames that it is in. */
  const placeOf = (element: Element) => {
    let { left, bottom } = element.getBoundingClientRect();
    for (let view = element.ownerDocument.defaultView; view && view !== window; view = view.parent as typeof view) {
      const frame = view.frameElement;
      if (!frame) break;
      const box = frame.getBoundingClientRect();
      left += box.left + frame.clientLeft;
      bottom += box.top + frame.clientTop;
    }
    return { left, bottom };
  };
  const draw = (control: Control, stay: boolean) => {
    const { left, bottom } = placeOf(control);
    if ("options" in control) {
      if (control.multiple || control.size > 1) return; // a list in the page
      const lines = [...control.options].map((option) => option.label);
      show(left, bottom, lines, control.selectedIndex, stay);
    } else if (PICKERS.includes(control.type)) show(left, bottom, [control.value || "–"], 0, stay);
    else if (control.list) {
      const typed = control.value.toLowerCase();
      const lines = [...control.list.options].map((option) => option.value || option.label);
      const fitting = lines.filter((line) => line.toLowerCase().includes(typed));
      show(left, bottom, fitting, fitting.indexOf(control.value), stay);
    }
  };
  // Elements of frames are of other classes.
  const closest = (target: EventTarget | undefined | null, selector: string) =>
    typeof (target as Element | null)?.closest === "function" ? (target as Element).closest(selector) : null;
  const controlOf = (event: Event): Control | null => {
    const element = closest(event.composedPath()[0], "select, input") as Control | null;
    return element && !element.disabled ? element : null;
  };
  const hover = (event: Event) => {
    const { clientX, clientY, target } = event as MouseEvent;
    const titled = closest(target, "[title]");
    if (titled === tip) return;
    if (tip) hide();
    tip = titled;
    clearTimeout(hovering);
    const words = titled?.getAttribute("title") ?? "";
    if (!titled || words === "") return;
    const box = titled.getBoundingClientRect();
    const place = placeOf(titled);
    const [left, top] = [place.left + clientX - box.left + 8, place.bottom + clientY - box.bottom + 20];
    hovering = setTimeout(() => show(left, top, words.split("\n"), -1, true), HOVER) as unknown as number;
  };
  const watched = new WeakSet<Document>();
  /** A frame that has another document; those of other sites keep theirs to themselves. */
  const enter = (target: EventTarget | null) => {
    if ((target as Element).localName !== "iframe") return;
    const inside = (target as HTMLIFrameElement).contentDocument;
    if (inside?.defaultView) watch(inside.defaultView);
  };
  const press = (event: Event) => {
    const control = controlOf(event);
    if (control) draw(control, true);
    else hide();
  };
  const change = (event: Event) => {
    const control = controlOf(event);
    if (control) draw(control, false);
  };
  const loaded = ({ target }: Event) => enter(target);
  const listeners = { mousedown: press, input: change, change, focusout: hide, mousemove: hover };
  const watch = (view: Window) => {
    if (watched.has(view.document)) return;
    watched.add(view.document);
    const listen = () => {
      for (const [type, listener] of Object.entries(listeners))
        view.addEventListener(type, listener, { capture: true, passive: true });
      view.document.addEventListener("load", loaded, { capture: true });
      for (const frame of view.document.querySelectorAll("iframe")) enter(frame);
    };
    listen();
    // document.open(), and so Playwright's page.setContent(), takes all listeners away. Twice is once.
    new MutationObserver(listen).observe(view.document, { childList: true });
  };
  watch(window);
}
