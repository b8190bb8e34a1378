import { expect, test } from "vitest";
import { traceTable } from "../../../cli/start-trace.ts";
import { StartTrace } from "../../../protocol/start-trace.ts";

test("each step with its time since the call and since the step before it", () => {
  const marks = [
    { step: "asked", at: 1_010.4 },
    { step: "stream_id", at: 1_050 },
  ] as const;
  expect(traceTable([...marks], { called: 1_000, returned: 1_500 })).toEqual([
    "      10 ms  +    10  the extension was asked",
    "      50 ms  +    40  Chrome has given an id for the capture",
    "     500 ms  +   450  returned",
  ]);
});

test("marks of several processes in one order; the first of a step counts", () => {
  const trace = new StartTrace();
  trace.mark("planned");
  const [planned] = trace.marks;
  trace.add([
    { step: "planned", at: 5 },
    { step: "asked", at: 1 },
  ]);
  trace.mark("planned");
  expect(trace.marks).toEqual([{ step: "asked", at: 1 }, planned]);
});
