// The host's log: levels, a prefix per part, to stderr and to a rotating file. Never writes to stdout, which
// is the native channel, and never sees options whole: callers log single fields.
import { getRotatingFileSink } from "@logtape/file";
import { configureSync, disposeSync, getLogger, type Logger, type LogLevel, type LogRecord } from "@logtape/logtape";
import { printable } from "../protocol/printable.ts";

const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warning", "error", "fatal"];
const MAX_FILE_BYTES = 2 * 1024 * 1024;
const MAX_FILES = 3;

/** The logger of a part of the host, e.g. `stream`; its name stands in front of each line. */
export function partLogger(part: string): Logger {
  return getLogger(["host", part]);
}

/** A value on one line; of an error the places in the code follow, each on a line of its own. */
function text(value: unknown): string {
  if (value instanceof Error)
    return (value.stack ?? value.message)
      .split(/\n(?= {4}at )/)
      .map(printable)
      .join("\n");
  return printable(typeof value === "string" ? value : (JSON.stringify(value) ?? String(value)));
}

/** A record as one line: time, level, process, part, message. What comes from outside can't begin another one. */
export function formatLine(record: LogRecord): string {
  const message = record.message.map((piece, index) => (index % 2 === 0 ? String(piece) : text(piece))).join("");
  const part = record.category.slice(1).join("/");
  return `${new Date(record.timestamp).toISOString()} ${record.level.toUpperCase()} [${process.pid} ${part}] ${message}\n`;
}

/**
 * Sets the log up, once, for the whole process, and sends what is printed with `console` there too.
 * An unknown level means `info`. Gives the function that writes out what is buffered and ends the log.
 */
export function startLogging(file: string, level: string | undefined): () => void {
  const lowestLevel = LEVELS.find((known) => known === level?.toLowerCase()) ?? "info";
  process.stderr.on("error", () => {}); // a browser that is gone must not end the host in the middle of its clean-up
  configureSync({
    sinks: {
      stderr: (record) => void process.stderr.write(formatLine(record)),
      file: getRotatingFileSink(file, {
        maxSize: MAX_FILE_BYTES,
        maxFiles: MAX_FILES,
        formatter: formatLine,
        bufferSize: 0,
      }),
    },
    loggers: [
      { category: "host", sinks: ["stderr", "file"], lowestLevel },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "warning" },
    ],
  });
  redirectConsole(partLogger("console"));
  return disposeSync;
}

/** stdout belongs to the native channel: a stray `console.log` of a library would end the connection. */
function redirectConsole(log: Logger): void {
  const join = (values: unknown[]): string => values.map(text).join(" ");
  console.log = (...values) => log.info("{text}", { text: join(values) });
  console.info = console.log;
  console.debug = (...values) => log.debug("{text}", { text: join(values) });
  console.warn = (...values) => log.warning("{text}", { text: join(values) });
  console.error = (...values) => log.error("{text}", { text: join(values) });
}
