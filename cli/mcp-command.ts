// `flybrowser mcp`: a Model Context Protocol server on stdin and stdout, until its client closes them.
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { FlyBrowserError } from "../protocol/errors.ts";
import { sentence } from "../protocol/sentence.ts";
import { assertDevToolsAddress } from "../sdk/connect.ts";
import { AttachedBrowsers } from "./mcp/attached-browsers.ts";
import { OwnBrowser } from "./mcp/own-browser.ts";
import { mcpServer } from "./mcp/server.ts";
import { say } from "./report.ts";
import { Shutdown } from "./shutdown.ts";

/** Flags of `flybrowser mcp`. */
export interface McpFlags {
  readonly headed?: boolean;
  readonly executablePath?: string;
  readonly debuggingPort?: string;
  readonly cdpEndpoint?: string;
}

/** Serves until the client closes stdin, or a signal. @throws FlyBrowserError `invalid_option` */
export async function mcpCommand({
  headed = false,
  executablePath,
  debuggingPort,
  cdpEndpoint,
}: McpFlags): Promise<void> {
  if (cdpEndpoint !== undefined) assertDevToolsAddress("--cdp-endpoint", cdpEndpoint);
  const debugging_port = debuggingPort === undefined ? null : portOf(debuggingPort);
  const browser = new OwnBrowser({ headed, executable_path: executablePath, debugging_port });
  const attached = new AttachedBrowsers(cdpEndpoint ?? null);
  const shutdown = new Shutdown();
  shutdown.onSignals(() => process.exit(1));
  process.stdout.on("error", () => shutdown.request(sentence("command.no_reader"), true));
  process.stdin.on("close", () => shutdown.request(sentence("command.no_reader"), true));
  process.stdin.on("end", () => shutdown.request(sentence("command.no_reader"), true));
  // What libraries say in passing isn't protocol.
  for (const method of ["log", "info", "debug"] as const) console[method] = console.error;
  const transport = new StdioServerTransport();
  const server = serveStdio(() => mcpServer(browser, attached), { transport, onerror: (error) => say(error.message) });
  try {
    // Programs that connect by the port find it there.
    if (debugging_port !== null) await browser.start();
    await shutdown.reason;
  } finally {
    await server.close();
    await attached.close();
    await browser.close();
    shutdown.close();
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new FlyBrowserError("invalid_option", { option: "--debugging-port", value: text, allowed: "1 to 65535" });
}
