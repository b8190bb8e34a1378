// A vitest reporter that writes which tests passed only at the second try, and how the first one failed, into the file that
// SECOND_TRIES names. `npm test` lists them after its results.
import { writeFileSync } from "node:fs";

/** The reporter (vitest takes the default export). */
export default class SecondTries {
  #tests = [];

  onTestCaseResult(test) {
    if (!test.diagnostic()?.flaky) return;
    const [first] = test.result().errors ?? [];
    const line = first?.stacks?.find(({ file }) => file.endsWith(test.module.relativeModuleId))?.line ?? "?";
    const said = (first?.message ?? "nothing").split("\n")[0];
    this.#tests.push(`${test.module.relativeModuleId}:${line}: ${test.fullName}: ${said}`);
  }

  onTestRunEnd() {
    if (process.env.SECOND_TRIES) writeFileSync(process.env.SECOND_TRIES, JSON.stringify(this.#tests));
  }
}
