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
  close(): Promise<void>;
}

/** Starts the server. @throws Error when the page can't be bundled or no port is free. */
export async function startPatternServer(): Promise<PatternServer> {
  const template = await readFile(resolve(import.meta.dirname, "page.html"), "utf8");
  const script = (await bundle("bench/pattern/page.ts")).replaceAll("</script", "<\\/script");
  const html = template.replace("/*SCRIPT*/", () => script);
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: ({ fps = 0, sound = false } = {}) => `http://127.0.0.1:${port}/?fps=${fps}&sound=${sound ? 1 : 0}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
