// What is asked of a page while it is streamed, in an isolated world. Sent to the page as text, so it can't import anything.

/** What the page tells: `null` as outcome while it is open. */
export type UnseenEvent =
  /** A page asks for files; their names when they are chosen, an empty list when none are. */
  | { readonly kind: "files"; readonly outcome: readonly string[] | null }
  /** What `beforeprint` and `afterprint` say: the print preview, or a PDF that the program makes. */
  | { readonly kind: "print"; readonly outcome: true | null }
  /** A permission was given, by who answered the prompt or by DevTools; of a prompt that is open nobody is told. */
  | { readonly kind: "permission"; readonly name: string };

/** Calls the binding with {@link UnseenEvent} as JSON. `permissions`: names of those that are looked at. */
export function watchUnseen(binding: string, permissions: readonly string[]): void {
  const world = globalThis as unknown as Record<string, unknown>;
  const done = `${binding}Watches`;
  if (world[done]) return;
  world[done] = true;
  const held: PermissionStatus[] = []; // else they are collected, and tell nothing
  const say = (event: UnseenEvent) => (world[binding] as (text: string) => void)(JSON.stringify(event));
  const tell = (outcome: readonly string[] | null) => say({ kind: "files", outcome });
  const input = (event: Event) => {
    const [target] = event.composedPath();
    // Frames have elements of other classes.
    const element = target as HTMLInputElement;
    return element.localName === "input" && element.type === "file" ? element : null;
  };
  const listeners: Record<string, (event: Event) => void> = {
    // The page may prevent it yet.
    click: (event) => input(event) && setTimeout(() => event.defaultPrevented || tell(null)),
    change: (event) => {
      const element = input(event);
      if (element) tell([...(element.files ?? [])].map(({ name }) => name));
    },
    cancel: (event) => input(event) && tell([]),
    beforeprint: () => say({ kind: "print", outcome: null }),
    afterprint: () => say({ kind: "print", outcome: true }),
  };
  const listen = () => {
    for (const [type, listener] of Object.entries(listeners))
      addEventListener(type, listener, { capture: true, passive: true });
  };
  listen();
  // document.open(), and so Playwright's page.setContent(), takes all listeners of the window away. Twice is once.
  new MutationObserver(listen).observe(document, { childList: true });
  if (window !== window.top) return; // its permissions are those of the page
  for (const name of permissions) {
    const query = navigator.permissions?.query({ name: name as PermissionName });
    query?.then(
      (status) => {
        let before = status.state;
        status.onchange = () => {
          // One that is denied may never have been asked for: DevTools denies all others where it gives one.
          if (before === "prompt" && status.state === "granted") say({ kind: "permission", name });
          before = status.state;
        };
        held.push(status);
      },
      () => {}, // this browser doesn't know it
    );
  }
}
