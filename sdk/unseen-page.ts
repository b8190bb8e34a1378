// What is asked of a page while it is streamed, in an isolated world. Sent to the page as text, so it can't import anything.

/** Calls the binding as JSON: null when a page asks for files, their names when they are chosen, an empty list when none are. */
export function watchFileChoosers(binding: string): void {
  const world = globalThis as unknown as Record<string, unknown>;
  const done = `${binding}Watches`;
  if (world[done]) return;
  world[done] = true;
  const tell = (files: readonly string[] | null) => (world[binding] as (text: string) => void)(JSON.stringify(files));
  const input = (event: Event) => {
    const [target] = event.composedPath();
    // Frames have elements of other classes.
    const element = target as HTMLInputElement;
    return element.localName === "input" && element.type === "file" ? element : null;
  };
  const listen = (type: string, listener: (element: HTMLInputElement, event: Event) => void) =>
    addEventListener(
      type,
      (event) => {
        const element = input(event);
        if (element) listener(element, event);
      },
      { capture: true, passive: true },
    );
  // The page may prevent it yet.
  listen("click", (_element, event) => void setTimeout(() => event.defaultPrevented || tell(null)));
  listen("change", (element) => tell([...(element.files ?? [])].map(({ name }) => name)));
  listen("cancel", () => tell([]));
}
