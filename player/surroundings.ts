// What happens around the player: the network comes and goes, the machine sleeps, the page is hidden and shown.
// Never decides what follows from it.

/** What the surroundings tell. */
export interface SurroundingsEvents {
  /** The page is seen again, or the network is back. */
  readonly onBack: () => void;
  /** The browser believes to be offline; a host on this machine may be there all the same. */
  readonly onOffline: () => void;
}

/** Listens until `signal` aborts. */
export function watchSurroundings({ onBack, onOffline }: SurroundingsEvents, signal: AbortSignal): void {
  addEventListener("online", onBack, { signal });
  addEventListener("pageshow", onBack, { signal });
  addEventListener("offline", onOffline, { signal });
  const shown = () => {
    if (!document.hidden) onBack();
  };
  document.addEventListener("visibilitychange", shown, { signal });
}
