import { describe, expect, it } from "vitest";
import { mayFollow, nextPhase, PHASES } from "../../../../extension/background/stream-phases.ts";

const ALLOWED = [
  "idle>starting",
  "starting>live",
  "starting>stopping",
  "starting>idle",
  "live>recovering",
  "live>stopping",
  "recovering>live",
  "recovering>recovering",
  "recovering>stopping",
  "stopping>idle",
];

describe("the phases of a stream", () => {
  for (const from of PHASES) {
    for (const to of PHASES) {
      const allowed = ALLOWED.includes(`${from}>${to}`);
      it(`${from} → ${to}: ${allowed ? "yes" : "no"}`, () => {
        expect(mayFollow(from, to)).toBe(allowed);
        if (allowed) expect(nextPhase(from, to)).toBe(to);
        else expect(() => nextPhase(from, to)).toThrow(`from ${from} to ${to}`);
      });
    }
  }
});
