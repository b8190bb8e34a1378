// A program that works for seconds without letting its event loop run finds no connection that the host has closed meanwhile: none is kept.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ControlClient } from "../../../sdk/control-client.ts";

const server = createServer((request, response) => {
  asked.push(request.headers.connection);
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ tabs: [] }));
});
const asked: (string | undefined)[] = [];
afterEach(() => server.close());

test("every call has a connection of its own", async () => {
  let connections = 0;
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new ControlClient({ port, token: "t", pid: process.pid } as never);
  for (let call = 0; call < 3; call++) expect(await client.listTabs()).toEqual([]);
  expect([connections, asked]).toEqual([3, ["close", "close", "close"]]);
});
