// What a page can send: anything at all to the bridge, any parameters for a method.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Bridge } from "../../../extension/page/bridge.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { BackgroundForPageContract, type PageMethod, parsePageParams } from "../../../protocol/page-messages.ts";
import { PARAMETERS, TIMEOUT } from "./runs.ts";

const METHODS = Object.keys(BackgroundForPageContract.methods) as PageMethod[];
const anything = fc.anything({ maxDepth: 3, withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });

test("parameters of any form are taken, or refused with an error that names what is wrong", {
  timeout: TIMEOUT,
}, () => {
  const known = fc.record(
    {
      options: anything,
      name: fc.oneof(fc.string(), anything),
      detail: anything,
      parent_id: anything,
      task_id: anything,
      state: anything,
      purpose: anything,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.constantFrom(...METHODS), fc.oneof(anything, known), (method, params) => {
      try {
        parsePageParams(method, params);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(FlyBrowserError);
        expect((thrown as FlyBrowserError).message.length).toBeLessThan(2_000);
      }
    }),
    PARAMETERS,
  );
});

test("messages of any form get one answer at most, and none breaks the bridge", { timeout: TIMEOUT }, async () => {
  const message = fc.oneof(
    anything,
    fc.record({
      id: fc.oneof(fc.nat(), anything),
      method: fc.oneof(fc.constantFrom(...METHODS), anything),
      params: anything,
    }),
  );
  await fc.assert(
    fc.asyncProperty(message, async (each) => {
      const answers: unknown[] = [];
      const bridge = new Bridge({
        connect: () => Promise.reject(new Error("not here")),
        answer: (answer) => void answers.push(answer),
      });
      await bridge.receive(each);
      await bridge.receive(each); // the same once more is not answered
      expect(answers.length).toBeLessThanOrEqual(1);
    }),
    PARAMETERS,
  );
});
