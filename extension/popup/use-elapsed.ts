// A clock that counts by itself between two statuses of the host.
import { useEffect, useState } from "preact/hooks";

/** Seconds since a time (ISO 8601); 0 for none. */
export function useElapsed(started_at: string | null): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return started_at === null ? 0 : Math.max(0, (now - Date.parse(started_at)) / 1000);
}
