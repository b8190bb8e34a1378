// The MCP server: the tools with their progress and errors, and the recordings as resources.
import {
  McpServer,
  ResourceTemplate,
  type ServerContext,
  type StandardSchemaWithJSON,
} from "@modelcontextprotocol/server";
import { errorInWords, FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import { SOFTWARE_VERSION } from "../../protocol/version.ts";
import type { AttachedBrowsers } from "./attached-browsers.ts";
import type { OwnBrowser } from "./own-browser.ts";
import { allRecordings } from "./running.ts";
import { Picture, type Progress, type Tool } from "./tool.ts";
import { tools } from "./tools.ts";

/** ms between two notifications of a call that takes its time. */
const PROGRESS_INTERVAL = 1_000;

const RECORDINGS = "flybrowser://recordings/";

const INSTRUCTIONS =
  "Live links of browser tabs, with sound. open_tab (or list_tabs, or attach_browser for one that another program drives), then start_stream: give the person its player_url. begin_task and end_task tell viewers what is being done.";

/** Makes the server. */
export function mcpServer(browser: OwnBrowser, attached: AttachedBrowsers): McpServer {
  const server = new McpServer(
    { name: "flybrowser-stream", title: "FlyBrowser Stream", version: SOFTWARE_VERSION },
    { instructions: INSTRUCTIONS },
  );
  for (const [name, tool] of Object.entries(tools(browser, attached))) {
    const { description, reads, schema } = tool;
    const annotations = { readOnlyHint: reads, openWorldHint: name === "open_tab" };
    server.registerTool(name, { description, inputSchema: unchecked(schema), annotations }, (input, context) =>
      callTool(tool, input, context),
    );
  }
  addRecordings(server);
  return server;
}

/** The schema as clients read it. The tool itself checks what it is given, so that an error is one of our table. */
function unchecked(schema: Record<string, unknown>): StandardSchemaWithJSON<unknown> {
  const json = () => schema;
  return {
    "~standard": {
      version: 1,
      vendor: "flybrowser-stream",
      validate: (value) => ({ value }),
      jsonSchema: { input: json, output: json },
    },
  };
}

async function callTool(tool: Tool, input: unknown, context: ServerContext) {
  const { progress, end } = progressOf(context);
  try {
    const result = await tool.call(input, { progress, signal: context.mcpReq.signal });
    if (result instanceof Picture) {
      return { content: [{ type: "image" as const, data: result.jpeg.toString("base64"), mimeType: "image/jpeg" }] };
    }
    return { content: [text(result)], structuredContent: result as Record<string, unknown> };
  } catch (thrown) {
    const error = toFlyBrowserError(thrown);
    const { code, message, fix } = error;
    const { details } = errorInWords(error);
    return {
      isError: true,
      content: [text({ code, message, fix })],
      structuredContent: { code, message, fix, details },
    };
  } finally {
    await end();
  }
}

const text = (value: object) => ({ type: "text" as const, text: JSON.stringify(value) });

/** Tells a client that asked for it how a call goes on: at once what is done, and each second that it still is. */
function progressOf({ mcpReq }: ServerContext): { progress: Progress; end: () => Promise<void> } {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return { progress: () => {}, end: async () => {} };
  let sending = Promise.resolve();
  let [message, share, sent]: [string, number | undefined, number] = ["", undefined, 0];
  const send = () => {
    // It has to grow with each notification; where the share is known, it stands in the words too.
    sent++;
    const words = share === undefined ? message : `${message}: ${Math.floor(share * 100)}%`;
    const params = { progressToken, progress: sent, message: words };
    sending = mcpReq.notify({ method: "notifications/progress", params }).catch(() => {}); // the client is gone; the call ends all the same
  };
  let timer: NodeJS.Timeout | null = null;
  const progress: Progress = (words, done) => {
    const news = words !== message;
    [message, share] = [words, done];
    if (news) send();
    timer ??= setInterval(send, PROGRESS_INTERVAL);
  };
  const end = async () => {
    if (timer) clearInterval(timer);
    await sending; // a client knows nothing of a call that has ended
  };
  return { progress, end };
}

/** Each recording is a resource: what is known of it, with the path of its file. */
function addRecordings(server: McpServer): void {
  const list = async () => ({
    resources: (await allRecordings()).map(({ recording_id, status, file_path, file_gone }) => ({
      uri: `${RECORDINGS}${recording_id}`,
      name: file_path,
      description: file_gone ? `${status}, but its file is gone` : status,
      mimeType: "application/json",
    })),
  });
  const template = new ResourceTemplate(`${RECORDINGS}{recording_id}`, { list });
  const facts = { title: "Recordings", description: "A recording: its file, length and chapters" };
  server.registerResource("recordings", template, facts, async (uri, { recording_id }) => {
    const found = (await allRecordings()).find((each) => each.recording_id === recording_id);
    if (!found) throw new FlyBrowserError("recording_not_found", { recording_id: String(recording_id) });
    return { contents: [{ uri: uri.href, mimeType: "application/json", text: JSON.stringify(found) }] };
  });
}
