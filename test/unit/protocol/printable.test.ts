// Texts from outside in a log line and on a terminal: they begin no line and do nothing there.
import { getLogger } from "@logtape/logtape";
import { expect, test, vi } from "vitest";
import { errorText, say } from "../../../cli/report.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { plainText, printable } from "../../../protocol/printable.ts";
import { hostLog } from "../../fixtures/host-log.ts";

const EVIL = "ok\r\n2030-01-01 INFO [1 main] all is well\u001b[2J\u009b31m\u202e\u2028\u0000\ud800";

test("a text is one line without escape codes", () => {
  expect(printable(EVIL)).toBe(
    "ok\\r\\n2030-01-01 INFO [1 main] all is well\\u001b[2J\\u009b31m\\u202e\\u2028\\u0000\\ud800",
  );
  expect(printable("Grüße, 世界 \u{1f600}")).toBe("Grüße, 世界 \u{1f600}");
  expect(plainText(EVIL)).toBe("ok 2030-01-01 INFO [1 main] all is well [2J 31m\u202e ");
});

test("the log has a line for each record, and the stack of an error below it", () => {
  const lines = hostLog();
  const log = getLogger(["host", "test"]);
  log.warning("{server} said {said}", { server: "a", said: { code: EVIL } });
  log.error("{error}", { error: new Error(EVIL) });
  expect(lines).toHaveLength(2);
  expect(lines[0]?.split("\n")).toHaveLength(2);
  const [first, ...stack] = (lines[1] ?? "").trimEnd().split("\n");
  expect(first).toContain("\\n2030-01-01");
  for (const line of stack) expect(line).toMatch(/^ {4}at /);
  for (const line of lines) expect(line.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
});

test("the command prints it as text", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    const reason = `refused: ${EVIL}`;
    say(errorText(new FlyBrowserError("rtmp_refused", { server: "rtmp://a", reason })));
    const written = write.mock.calls.map(([text]) => String(text)).join("");
    expect(written.trimEnd().split("\n")).toHaveLength(2); // what happened, what to do
    expect(written.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  } finally {
    write.mockRestore();
  }
});
