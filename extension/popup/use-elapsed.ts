// A clock that counts by itself between two statuses of the host, whoever sets the machine's.
import { useEffect, useState } from "preact/hooks";

/** `seconds` and what has passed since they were another number; 0 for none. */
export function useElapsed(seconds: number | null): number {
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    const began = performance.now();
    setElapsed(0);
    const timer = setInterval(() => setElapsed((performance.now() - began) / 1000), 500);
    return () => clearInterval(timer);
  }, [seconds]);
  return seconds === null ? 0 : seconds + elapsed;
}
