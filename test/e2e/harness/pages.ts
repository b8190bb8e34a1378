// Serves the pages of test/fixtures/pages on a free port of 127.0.0.1, and files that a test has made. Never anything else.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";

const FOLDER = join(import.meta.dirname, "../../fixtures/pages");

/** Pages that are being served; every server is an origin of its own. */
export interface Pages {
  /** Address of a page, e.g. `pattern.html`. */
  url(name: string): string;
  close(): Promise<void>;
}

/** Starts to serve. `media`: paths of files of media to serve beside the pages, by name. */
export async function servePages(media: Readonly<Record<string, string>> = {}): Promise<Pages> {
  const server = createServer((request, response) => {
    const name = basename(new URL(request.url ?? "/", "http://localhost").pathname);
    const type = name in media ? "video/mp4" : "text/html; charset=utf-8";
    readFile(media[name] ?? join(FOLDER, name)).then(
      (content) => response.writeHead(200, { "content-type": type }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: (name) => `http://127.0.0.1:${port}/${name}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
