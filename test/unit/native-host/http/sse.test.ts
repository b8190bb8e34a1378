// Server-sent events over real HTTP: who hears what, and what becomes of a client that doesn't read.
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpBindings } from "@hono/node-server";
import { afterEach, expect, test } from "vitest";
import { SseChannel, type SseChannelOptions, sseMessage } from "../../../../native-host/http/sse.ts";

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A server of one channel; gives the channel, how many clients have left, and what makes a client. */
async function serve(options: Partial<SseChannelOptions> = {}) {
  const channel = new SseChannel({ heartbeat: 10_000, max_unread: 1_000, ...options });
  let left = 0;
  server = createServer((incoming, outgoing) => {
    channel.open({ incoming, outgoing } as HttpBindings, sseMessage("hello", { at: 1 }, "x.1"), () => left++);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const connect = async (method = "GET"): Promise<IncomingMessage> => {
    const asked = request({ host: "127.0.0.1", port, method, agent: false }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    response.on("error", () => {}); // it may be broken off
    return response.setEncoding("utf8");
  };
  return { channel, connect, left: () => left };
}

test("a client gets its first message, then what all get, until it leaves", async () => {
  const { channel, connect, left } = await serve();
  const response = await connect();
  expect(response.headers["content-type"]).toBe("text/event-stream");
  expect((await once(response, "data"))[0]).toBe('retry: 1000\nid: x.1\nevent: hello\ndata: {"at":1}\n\n');
  channel.send(sseMessage("news", "two\nlines"));
  expect((await once(response, "data"))[0]).toBe('event: news\ndata: "two\\nlines"\n\n');
  expect([channel.size, left()]).toEqual([1, 0]);
  response.destroy();
  await expect.poll(() => [channel.size, left()]).toEqual([0, 1]);
});

test("HEAD gets the headers alone, and is no listener", async () => {
  const { channel, connect, left } = await serve();
  const response = await connect("HEAD");
  response.resume();
  expect(response.headers["content-type"]).toBe("text/event-stream");
  await expect.poll(left).toBe(1);
  expect(channel.size).toBe(0);
});

test("a client that doesn't read is disconnected, and the others hear on", async () => {
  const { channel, connect } = await serve({ max_unread: 100_000 });
  const deaf = await connect();
  deaf.pause();
  let heard = 0;
  const awake = await connect();
  awake.on("data", (text: string) => {
    heard += text.length;
  });
  const message = "x".repeat(50_000);
  let sent = 0;
  while (channel.size === 2 && sent < 1_000) {
    channel.send(message);
    sent++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => channel.size).toBe(1);
  await expect.poll(() => heard).toBeGreaterThanOrEqual(sent * message.length);
});

test("the heartbeat is a comment, and ends all when there is nothing to hear any more", async () => {
  let open = true;
  const { channel, connect } = await serve({ heartbeat: 20, isOpen: () => open });
  const response = await connect();
  await expect.poll(() => response.read() as string | null).toContain(": here\n\n");
  open = false;
  const ended = once(response, "end");
  response.resume();
  await ended;
  await expect.poll(() => channel.size).toBe(0);
});
