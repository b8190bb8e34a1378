// The port of the host: the one that FLYBROWSER_PORT names, or an error that names it; never quietly another one.
import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { listenSomewhere } from "../../../native-host/listen.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function bind(port: number): Promise<number> {
  const server = createServer();
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
}
const listenable = { listen: ({ port }: { port: number }) => bind(port) };
const listen = (preferred: number | null, port?: string) =>
  listenSomewhere(listenable, preferred, port === undefined ? {} : { FLYBROWSER_PORT: port });

async function freePort(): Promise<number> {
  const port = await bind(0);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return port;
}

test("without a wish: the port of the links that live on, else any", async () => {
  const port = await freePort();
  expect(await listen(port)).toEqual({ port, problem: null });
  expect(await listen(null)).toEqual({ port: expect.any(Number), problem: null });
});

test("the one that is wished for comes before that", async () => {
  const [wished, preferred] = [await freePort(), await freePort()];
  expect(await listen(preferred, String(wished))).toEqual({ port: wished, problem: null });
});

test("one that is taken is an error that names it", async () => {
  const taken = await bind(0);
  const { port, problem } = await listen(null, String(taken));
  expect(port).not.toBe(taken);
  expect(problem).toMatchObject({
    code: "port_taken",
    message: `Port ${taken}, which FLYBROWSER_PORT asks for, can't be used (EADDRINUSE).`,
  });
});

test.each(["http", "70000", "-1", "4100.5"])("FLYBROWSER_PORT=%s is an error that names it", async (text) => {
  const { problem } = await listen(null, text);
  expect(problem).toMatchObject({
    code: "setting_invalid",
    message: `FLYBROWSER_PORT can't be used: ${text} is no port.`,
  });
});
