// What may wait until the popup is seen: Chrome paints it slower while a service worker starts or a tab is pictured.
import { useEffect } from "preact/hooks";

/** ms after which it no longer waits: a popup behind another window is never painted. */
const AT_LATEST = 200;

/** Runs it once something of the page is on the screen (W3C Paint Timing), and again when `inputs` change. */
export function useAfterPaint(run: () => void, inputs: readonly unknown[]): void {
  useEffect(() => {
    let due = true;
    const once = () => {
      if (due) run();
      stop();
    };
    const timer = setTimeout(once, AT_LATEST);
    const observer = new PerformanceObserver(once);
    const stop = () => {
      due = false;
      clearTimeout(timer);
      observer.disconnect();
    };
    observer.observe({ type: "paint", buffered: true });
    return stop;
  }, inputs);
}
