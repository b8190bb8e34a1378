import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { tryLine } from "../../../player/engines/line-trial.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Address of a server that answers so. */
async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response)).listen(0, "127.0.0.1");
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/video-1.m4s`;
}

/** Sends so many bytes every 20 ms. */
function drip(response: ServerResponse, bytes: number): void {
  response.flushHeaders();
  const timer = setInterval(() => response.write(Buffer.alloc(bytes)), 20);
  response.on("close", () => clearInterval(timer));
}

it("measures a slow line, and loads no more than it needs", async () => {
  let closed = false;
  const url = await serve((response) => {
    response.on("close", () => {
      closed = true;
    });
    drip(response, 1_000);
  });
  const speed = await tryLine([url]);
  expect(speed).toBeGreaterThan(40_000);
  expect(speed).toBeLessThan(900_000);
  await expect.poll(() => closed).toBe(true);
});

it("measures a fast one by the whole segment", async () => {
  const url = await serve((response) => {
    response.write(Buffer.alloc(2_000));
    setTimeout(() => response.end(Buffer.alloc(400_000)), 20);
  });
  expect(await tryLine([url])).toBeGreaterThan(1_500_000);
});

it("a line that stands after the first bytes is slow", async () => {
  const url = await serve((response) => void response.write(Buffer.alloc(2_000)));
  expect(await tryLine([url])).toBe(0);
});

it.each<[string, (response: ServerResponse) => void]>([
  ["too small a segment", (response) => void response.end(Buffer.alloc(2_000))],
  ["none", (response) => void response.writeHead(404).end("nothing")],
  ["a connection that breaks", (response) => void response.destroy()],
])("%s tells nothing", async (_what, answer) => {
  expect(await tryLine([await serve(answer)])).toBeNull();
});

it("gives up on a server that is silent, and when it is told to", async () => {
  const url = await serve(() => {});
  expect(await tryLine([url])).toBeNull();
  const giveUp = new AbortController();
  const tried = tryLine([await serve((response) => drip(response, 1_000))], giveUp.signal);
  giveUp.abort();
  expect(await tried).toBeNull();
});

it("loads several where the newest is too small to tell, together, and none where it isn't there", async () => {
  const asked: string[] = [];
  const serveAll = async (bytes: number, gap = 0) => {
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      setTimeout(() => response.end(Buffer.alloc(bytes)), asked.length * gap);
    }).listen(0, "127.0.0.1");
    closers.push(() => {
      server.close();
      server.closeAllConnections();
    });
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return [7, 6, 5, 4, 3, 2, 1, 0].map((number) => `http://127.0.0.1:${port}/video-${number}.m4s`);
  };
  // 12 kB that come within some 70 ms.
  const speed = await tryLine(await serveAll(2_000, 10));
  expect(asked).toHaveLength(8);
  expect(speed).toBeGreaterThan(300_000);
  expect(speed).toBeLessThan(3_000_000);
  asked.length = 0;
  expect(await tryLine(await serveAll(200))).toBeNull();
  expect(asked).toHaveLength(8);
  asked.length = 0;
  expect(await tryLine(await serveAll(300_000))).toBeGreaterThan(5_000_000);
  expect(asked).toHaveLength(1);
});
