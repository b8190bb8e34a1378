// A vitest reporter that writes which tests failed, and which passed only at the second try, each with what its first try
// said, into the file that TEST_NOTES names. `npm test` lists them after its results.
import { writeFileSync } from "node:fs";

/** The reporter (vitest takes the default export). */
export default class TestReporter {
  #failed = [];
  #secondTries = [];

  onTestCaseResult(test) {
    const failed = test.result().state === "failed";
    if (!failed && !test.diagnostic()?.flaky) return;
    const [first] = test.result().errors ?? [];
    const line = first?.stacks?.find(({ file }) => file.endsWith(test.module.relativeModuleId))?.line ?? "?";
    const said = (first?.message ?? "nothing").split("\n")[0];
    const note = `${test.module.relativeModuleId}:${line}: ${test.fullName}: ${said}`;
    (failed ? this.#failed : this.#secondTries).push(note);
  }

  onTestRunEnd() {
    const notes = { failed: this.#failed, secondTries: this.#secondTries };
    if (process.env.TEST_NOTES) writeFileSync(process.env.TEST_NOTES, JSON.stringify(notes));
  }
}
