// Serves the pages of test/fixtures/pages on a free port of 127.0.0.1. Never serves anything else.
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

/** Starts to serve. */
export async function servePages(): Promise<Pages> {
  const server = createServer((request, response) => {
    const name = basename(new URL(request.url ?? "/", "http://localhost").pathname);
    readFile(join(FOLDER, name)).then(
      (content) => response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(content),
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
