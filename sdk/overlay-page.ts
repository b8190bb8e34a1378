// The overlay as it runs inside the page: in an isolated world, in a closed shadow root of <body>, so that neither the page's
// scripts nor selectors find a node of it. It is sent to the page as text, so it can't import anything.

/**
 * Draws pointer, clicks, caption and notices. The names are of functions in this world: one sets the caption, one shows a notice for a
 * while, one gives the layer for what else is drawn; `null` while nothing is.
 */
export function drawOverlay([setter, notifier, layer]: readonly [
  setter: string,
  notifier: string,
  layer: string,
]): void {
  const world = globalThis as unknown as Record<string, ((words: string | null) => unknown) | undefined>;
  if (world[setter] || window !== window.top) return;
  let root: ShadowRoot | null = null;
  let body: HTMLElement | null = null;
  let active = true;

  const make = (style: Partial<CSSStyleDeclaration>): HTMLElement => {
    const element = document.createElement("div");
    Object.assign(element.style, { position: "fixed", zIndex: "2147483647", pointerEvents: "none", ...style });
    return element;
  };
  const pointer = make({
    ...{ left: "0", top: "0", width: "22px", height: "22px", margin: "-11px 0 0 -11px", borderRadius: "50%" },
    ...{ background: "rgb(255 90 79 / 45%)", border: "2px solid #ffffff", boxShadow: "0 1px 5px rgb(0 0 0 / 55%)" },
    ...{ boxSizing: "border-box", visibility: "hidden" },
  });
  const caption = make({
    ...{ left: "50%", bottom: "20px", transform: "translateX(-50%)", maxWidth: "80%", padding: "8px 16px" },
    ...{ borderRadius: "18px", background: "rgb(18 19 22 / 86%)", color: "#ffffff", textAlign: "center" },
    ...{ font: "500 16px/1.35 system-ui, sans-serif", visibility: "hidden" },
  });

  const notice = make({
    ...{ left: "50%", top: "20px", transform: "translateX(-50%)", maxWidth: "80%", padding: "8px 16px" },
    ...{ borderRadius: "8px", background: "#ffffff", color: "#121316", textAlign: "center" },
    ...{ font: "500 16px/1.35 system-ui, sans-serif", boxShadow: "0 2px 12px rgb(0 0 0 / 45%)", visibility: "hidden" },
  });
  const drawn = make({ left: "0", top: "0" });
  let noticed = 0;

  /** A document gets its body late, and may replace it. If that has a shadow root of its own, nothing is drawn. */
  const attach = (): void => {
    if (!document.body || document.body === body) return;
    body = document.body;
    try {
      root = body.attachShadow({ mode: "closed" });
      // Shows the page's own nodes as if there were no shadow root.
      root.append(document.createElement("slot"), drawn, pointer, caption, notice);
    } catch {
      root = null;
    }
  };
  const move = ({ clientX, clientY }: MouseEvent): void => {
    if (!active) return;
    attach();
    Object.assign(pointer.style, { visibility: "visible", transform: `translate(${clientX}px, ${clientY}px)` });
  };
  const press = (event: MouseEvent): void => {
    if (!active) return;
    move(event);
    const { clientX, clientY } = event;
    const ring = make({
      ...{ left: `${clientX}px`, top: `${clientY}px`, width: "22px", height: "22px", margin: "-11px 0 0 -11px" },
      ...{ border: "3px solid #ff5a4f", borderRadius: "50%", boxSizing: "border-box" },
    });
    root?.append(ring);
    const frames = [{ transform: "scale(1)" }, { transform: "scale(3.2)", opacity: "0" }];
    ring.animate(frames, { duration: 700, easing: "ease-out" }).finished.finally(() => ring.remove());
  };
  const listen = (): void => {
    addEventListener("mousemove", move, { capture: true, passive: true });
    addEventListener("mousedown", press, { capture: true, passive: true });
  };
  listen();
  // document.open(), and so Playwright's page.setContent(), takes all listeners of the window away. Twice is once.
  const written = (): void => {
    listen();
    attach();
  };
  new MutationObserver(written).observe(document, { childList: true, subtree: false });
  addEventListener("DOMContentLoaded", attach, { once: true });
  world[setter] = (text) => {
    attach();
    caption.textContent = text;
    caption.style.visibility = text ? "visible" : "hidden";
    // null: nothing is captured any more. A shadow root can't be removed; the next stream uses it again.
    active = text !== null;
    if (active) return;
    pointer.style.visibility = "hidden";
    notice.style.visibility = "hidden";
    drawn.replaceChildren();
  };
  world[notifier] = (words) => {
    if (!active) return;
    attach();
    notice.textContent = words;
    notice.style.visibility = "visible";
    clearTimeout(noticed);
    noticed = setTimeout(() => Object.assign(notice.style, { visibility: "hidden" }), 4_000) as unknown as number;
  };
  world[layer] = () => {
    if (active) attach();
    return active ? drawn : null;
  };
}
