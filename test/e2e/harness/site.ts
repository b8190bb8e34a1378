// A web site of its own origin that serves what a test says, headers too. Never serves a file.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A page: its HTML, and headers where it needs some. */
export interface SitePage {
  readonly html: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A site that is being served. */
export interface Site {
  readonly origin: string;
  url(path: string): string;
  close(): Promise<void>;
}

/** Serves pages by path on a free port of 127.0.0.1; every site is an origin of its own. */
export async function serveSite(pages: Readonly<Record<string, SitePage>>): Promise<Site> {
  const server = createServer((request, response) => {
    const page = pages[new URL(request.url ?? "/", "http://localhost").pathname];
    if (!page) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...page.headers }).end(page.html);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: (path) => `${origin}${path}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
