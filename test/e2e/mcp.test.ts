// `flybrowser mcp` as an agent has it: the official client over stdio, a browser of the server's own, a real stream in it.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../fixtures/rtmp/processes.ts";
import { descendants, stillRunning } from "./harness/leftovers.ts";
import { probe } from "./harness/media.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";

const COMMAND = "dist/cli/flybrowser.js";
let pages: Pages;
let folder: string;
const clients: Client[] = [];

beforeAll(async () => {
  pages = await servePages();
  folder = mkdtempSync(join(tmpdir(), "flybrowser-mcp-"));
});
afterAll(async () => {
  for (const client of clients) await client.close(); // of an attempt that failed
  await pages.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A client, with what the server printed that isn't protocol. */
async function connect(...flags: string[]) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [COMMAND, "mcp", ...flags],
    env: { ...process.env } as Record<string, string>,
    stderr: "pipe",
  });
  const client = new Client({ name: "test", version: "1.0.0" });
  clients.push(client);
  const problems: string[] = [];
  client.onerror = (error) => problems.push(error.message);
  await client.connect(transport);
  const progress: string[] = [];
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const onprogress = ({ message }: { message?: string | undefined }) => progress.push(message ?? "");
    return client.callTool({ name, arguments: args }, { onprogress, timeout: 60_000, resetTimeoutOnProgress: true });
  };
  /** The result of a call that succeeds. */
  const result = async <T = Record<string, never>>(name: string, args?: Record<string, unknown>) => {
    const { isError, structuredContent, content } = await call(name, args);
    expect(isError, JSON.stringify(structuredContent)).toBeFalsy();
    expect(JSON.parse((content[0] as { text: string }).text)).toEqual(structuredContent);
    return structuredContent as T;
  };
  return { client, transport, call, result, progress, problems };
}

test("an agent opens a tab, streams it, tells what it does, records, looks at it, and leaves nothing behind", async () => {
  const port = await freePort();
  const file = join(folder, `${port}.mp4`);
  const { client, transport, call, result, progress, problems } = await connect("--debugging-port", String(port));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["open_tab", "start_stream", "screenshot"]));
  const start = tools.find(({ name }) => name === "start_stream");
  expect(start?.inputSchema.properties).toMatchObject({ quality: { enum: expect.arrayContaining(["high"]) } });

  const tab = await result<{ tab_id: number; host: number }>("open_tab", { url: pages.url("pattern.html") });
  const { tabs } = await result<{ tabs: { host: number; tab_id: number; url: string }[] }>("list_tabs");
  const { tab_id, host } = tab;
  expect(tabs).toContainEqual(expect.objectContaining({ tab_id, host, url: pages.url("pattern.html") }));

  expect(await call("start_stream", { tab_id, host, quality: "best" })).toMatchObject({
    isError: true,
    structuredContent: { code: "invalid_option", details: { option: "quality", value: '"best"' } },
  });
  expect(await call("start_stream", { host })).toMatchObject({
    isError: true,
    structuredContent: { code: "invalid_option", details: { option: "tab_id" } },
  });
  expect(await call("stop_stream", { stream_id: "none" })).toMatchObject({
    isError: true,
    structuredContent: { code: "no_active_stream", fix: expect.any(String) },
  });
  expect(await call("list_tabs", { all: true })).toMatchObject({ structuredContent: { code: "unknown_option" } });

  const { stream_id, player_url, hls_url } = await result<Record<"stream_id" | "player_url" | "hls_url", string>>(
    "start_stream",
    { tab_id, host, quality: "low_bandwidth" },
  );
  expect((await fetch(player_url)).status).toBe(200);
  expect((await probe(hls_url)).map(({ codec_type }) => codec_type)).toContain("video");
  expect(progress).toContain("Starting the stream");

  const task = await result<{ task_id: string }>("begin_task", { stream_id, name: "Read the page" });
  const { recording_id } = await result<{ recording_id: string }>("start_recording", {
    tab_id,
    host,
    path: file,
  });

  // Another program drives the same browser, as Playwright's MCP server does, and gets its live link by one call.
  const other = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const page = await other.contexts()[0]?.newPage();
  await page?.goto(pages.url("article.html"));
  const shown = await until("the other program's tab", async () => {
    const { tabs: now } = await result<{ tabs: { host: number; tab_id: number; url: string }[] }>("list_tabs");
    return now.find(({ url }) => url === pages.url("article.html"));
  });
  const second = await result<{ stream_id: string }>("start_stream", { tab_id: shown.tab_id, host: shown.host });
  expect(await result("stop_stream", { stream_id: second.stream_id })).toMatchObject({ success: true });
  await other.close();

  const picture = await call("screenshot", { stream_id });
  expect(picture.content).toEqual([{ type: "image", mimeType: "image/jpeg", data: expect.stringMatching(/^\/9j\//) }]);
  const link = await result<{ link_id: string; player_url: string }>("create_link", { stream_id, name: "Ada" });
  expect((await fetch(link.player_url)).status).toBe(200);
  // Not a whole number of seconds: a client takes progress that comes together with the result for that of an unknown call.
  const asked = { stream_id, reason: "Enter the code", timeout: 1.5 };
  expect(await call("hand_off", asked)).toMatchObject({
    isError: true,
    structuredContent: { code: "no_control_link" },
  });
  await result("create_link", { stream_id, allow: "control" });
  expect(await result("hand_off", asked)).toEqual({ outcome: "timeout", note: "" });
  const clip = await result<{ file_path: string; size_bytes: number }>("clip", { stream_id, format: "png" });
  expect(statSync(clip.file_path).size).toBe(clip.size_bytes);
  rmSync(clip.file_path);
  await result("revoke_link", { stream_id, link_id: link.link_id });
  expect((await fetch(link.player_url)).status).toBe(404);

  const ended = { stream_id, task_id: task.task_id, detail: "It is a pattern", clip: true };
  const proof = (await result<{ clip: { file_path: string; duration_seconds: number } }>("end_task", ended)).clip;
  expect((await probe(proof.file_path)).map(({ codec_type }) => codec_type)).toContain("video");
  rmSync(proof.file_path);
  expect(await result("get_stream_status", { stream_id })).toMatchObject({
    state: "active",
    tasks: expect.arrayContaining([
      expect.objectContaining({ name: "Read the page", state: "done", detail: "It is a pattern" }),
    ]),
  });
  expect(await result("stop_recording", { recording_id })).toMatchObject({
    status: "finished",
    chapters: expect.arrayContaining([expect.objectContaining({ title: "Read the page" })]),
  });
  const { resources } = await client.listResources();
  expect(resources).toContainEqual(expect.objectContaining({ uri: `flybrowser://recordings/${recording_id}` }));
  const read = await client.readResource({ uri: `flybrowser://recordings/${recording_id}` });
  expect(JSON.parse((read.contents[0] as { text: string }).text)).toMatchObject({
    file_path: file,
  });

  const pid = transport.pid ?? 0;
  const below = [pid, ...descendants(pid).map((each) => each.pid)];
  expect(below.length).toBeGreaterThan(4);
  await client.close();
  await until("nothing runs any more", () => stillRunning(below).length === 0, 15_000);
  expect(problems).toEqual([]);
});
