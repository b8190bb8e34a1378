// A reporter for vitest: which tests passed only at the second try, into the file that SECOND_TRIES names.
// Never hides one: `npm test` lists them behind its results.
import { writeFileSync } from "node:fs";

/** The reporter (vitest takes the default export). */
export default class SecondTries {
  #tests = [];

  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky) this.#tests.push(`${test.module.relativeModuleId}: ${test.fullName}`);
  }

  onTestRunEnd() {
    if (process.env.SECOND_TRIES) writeFileSync(process.env.SECOND_TRIES, JSON.stringify(this.#tests));
  }
}
