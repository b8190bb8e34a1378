// Serves the pattern page on a free port of 127.0.0.1.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { bundle } from "./bundle.ts";

/** A running server of the pattern page. */
export interface PatternServer {
  /** Address of the page. `fps`: frames a second, 0 for every animation frame; `sound`: a quiet melody. */
  url(options?: { fps?: number; sound?: boolean }): string;
  /** Address of a page on which nothing moves and nothing sounds. */
  readonly stillUrl: string;
  close(): Promise<void>;
}

const STILL = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Still</title>
<body style="font: 16px/1.5 sans-serif; margin: 2em"><h1>Nothing moves here</h1>
${"<p>What an agent's page is most of the time: text, a few lines of it, and nobody who does anything.</p>".repeat(20)}</body></html>`;

/** Starts the server. @throws Error when the page can't be bundled or no port is free. */
export async function startPatternServer(): Promise<PatternServer> {
  const template = await readFile(resolve(import.meta.dirname, "page.html"), "utf8");
  const script = (await bundle("bench/pattern/page.ts")).replaceAll("</script", "<\\/script");
  const html = template.replace("/*SCRIPT*/", () => script);
  const server = createServer((request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(request.url === "/still" ? STILL : html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: ({ fps = 0, sound = false } = {}) => `http://127.0.0.1:${port}/?fps=${fps}&sound=${sound ? 1 : 0}`,
    stillUrl: `http://127.0.0.1:${port}/still`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
