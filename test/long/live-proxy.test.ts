// A proxy in front that lets no WebSocket through: low-latency HLS is taken instead of the live engine.
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

const way = (of: Viewer) => of.page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"));

test("where a proxy lets no WebSocket through, low-latency HLS is taken", async () => {
  const pages = await servePages();
  onTestFinished(() => pages.close());
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  onTestFinished(() => browser.close());
  await browser.goto(pages.url("pattern.html"));
  const { player_url } = await browser.startStream({ quality: "local_high" });
  const host = new URL(player_url);
  const proxy = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const onward = request({
      host: host.hostname,
      port: host.port,
      method,
      path,
      headers: { ...headers, host: host.host },
    });
    onward.on("response", (answer) => answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers)));
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  // As servers do that know nothing of it.
  proxy.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  const { port } = proxy.address() as AddressInfo;
  const other = await openViewer(`http://127.0.0.1:${port}${host.pathname}`);
  try {
    await until("the first choice", () => way(other));
    await until("another way", async () => (await way(other)) === "ll-hls", 30_000);
    await untilPlays(other, 10);
  } finally {
    await other.close();
    proxy.close();
    proxy.closeAllConnections();
  }
});
