// Serves the project's own demo page on 127.0.0.1, for `flybrowser stream` without an address.
// Never serves anything but dist/demo.
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";

/** A demo page that is being served. */
export interface DemoServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts to serve the built demo page from `folder`, on a free port. */
export async function serveDemo(folder: string): Promise<DemoServer> {
  const app = new Hono().use("/*", serveStatic({ root: folder }));
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, (address: AddressInfo) => {
      resolve({
        url: `http://127.0.0.1:${address.port}/`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      });
    });
    server.on("error", reject);
  });
}
