// Where a browser has its profiles, as its command line says it, in which nothing is quoted.
import { expect, it } from "vitest";
import { userDataDirectory } from "../../../sdk/running-browser.ts";

const among =
  (...folders: string[]) =>
  (path: string) =>
    folders.includes(path);

it.each([
  ["chromium --user-data-dir=/tmp/a --headless about:blank", ["/tmp/a"], "/tmp/a"],
  ["chromium --user-data-dir=/tmp/a b --headless about:blank", ["/tmp/a b"], "/tmp/a b"],
  ["chromium --headless --user-data-dir=/tmp/a b about:blank", ["/tmp/a b"], "/tmp/a b"],
  ['chrome.exe --user-data-dir="C:\\a b" --headless', ["C:\\a b"], "C:\\a b"],
  ["chromium --user-data-dir=/elsewhere --headless", [], "/elsewhere"],
  ["chromium --headless about:blank", [], null],
])("%s", (commandLine, folders, expected) => {
  expect(userDataDirectory(commandLine, among(...folders))).toBe(expected);
});
