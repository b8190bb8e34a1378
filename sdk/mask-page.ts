// The mask as it runs inside every document of the page, before the document's own scripts, in an isolated world. It is sent to the
// page as text, so it can't import anything.

/** Makes what the selectors match invisible, now and later; throws where one of them is no selector. `setter`: name of the function in this world that ends it. */
export function maskDocument(setter: string, selectors: readonly string[]): void {
  const world = globalThis as unknown as Record<string, (() => void) | undefined>;
  world[setter]?.();
  // On a field whose password its page shows as plain text.
  const SHOWN = "data-flybrowser-masked";
  const sheet = new CSSStyleSheet();
  const still = "transition: none !important; animation: none !important;";
  for (const selector of selectors) sheet.insertRule(`${selector} { opacity: 0 !important; ${still} }`);
  for (const field of ["input[type=password i]", `[${SHOWN}]`]) {
    const unseen = "color: transparent !important; -webkit-text-fill-color: transparent !important;";
    sheet.insertRule(
      `${field} { ${unseen} text-shadow: none !important; caret-color: transparent !important; ${still} }`,
    );
    sheet.insertRule(`${field}::selection { ${unseen} background: transparent !important }`);
  }
  const roots = new Set<Document | ShadowRoot>();
  /** Elements that may still get a shadow root. */
  const waiting = new Set<Element>();
  const adopt = (root: Document | ShadowRoot): void => {
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
    if (roots.has(root)) return;
    roots.add(root);
    changes.observe(root, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["type"],
      attributeOldValue: true,
    });
    stirs.observe(root, { childList: true, subtree: true, attributes: true, characterData: true });
    look(root);
  };
  const look = (node: Node): void => {
    if (node instanceof Element) {
      if (node.shadowRoot) adopt(node.shadowRoot);
      else if (node.localName.includes("-")) waiting.add(node);
    }
    if (node instanceof Element || node instanceof Document || node instanceof DocumentFragment)
      for (const each of node.querySelectorAll("*")) {
        if (each.shadowRoot) adopt(each.shadowRoot);
        else if (each.localName.includes("-")) waiting.add(each);
      }
  };
  // Its calls come before the next picture is painted.
  const changes = new MutationObserver((records) => {
    for (const { type, target, oldValue, addedNodes } of records) {
      if (type === "childList") for (const node of addedNodes) look(node);
      else if (oldValue?.toLowerCase() === "password" && target instanceof HTMLInputElement)
        target.setAttribute(SHOWN, "");
    }
  });
  /** ms after which a document in which nothing has happened stands still, and ms between two looks at one that does. */
  const [active, rest] = [2_000, 100];
  let [frame, timer, until] = [0, 0, 0];
  /** A page may set its own list of style sheets, or give an element its shadow root late. */
  const hold = (): void => {
    for (const root of roots) {
      if (root instanceof ShadowRoot && !root.host.isConnected) roots.delete(root);
      else adopt(root);
    }
    for (const element of waiting) {
      if (element.shadowRoot) adopt(element.shadowRoot);
      if (element.shadowRoot || !element.isConnected) waiting.delete(element);
    }
    // Before each frame while something happens. To ask for a frame makes one, which costs a twentieth of a core if done always.
    const still = performance.now() > until;
    frame = still ? 0 : requestAnimationFrame(hold);
    timer = still ? window.setTimeout(hold, rest) : 0;
  };
  const stir = (): void => {
    until = performance.now() + active;
    if (frame !== 0) return;
    clearTimeout(timer);
    hold();
  };
  const stirs = new MutationObserver(stir);
  const inputs = ["pointerdown", "pointermove", "wheel", "keydown", "focusin", "load", "resize"] as const;
  const listening = new AbortController();
  const listener = { capture: true, passive: true, signal: listening.signal };
  for (const type of inputs) addEventListener(type, stir, listener);
  adopt(document);
  stir();
  world[setter] = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    listening.abort();
    changes.disconnect();
    stirs.disconnect();
    for (const root of roots) root.adoptedStyleSheets = root.adoptedStyleSheets.filter((each) => each !== sheet);
    delete world[setter];
  };
}
