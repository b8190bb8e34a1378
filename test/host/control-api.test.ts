// The control API of a real host over real HTTP: who may ask, and what is answered.
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { HostProcess, TAB } from "./harness/host-process.ts";
import { Publisher } from "./harness/publisher.ts";

let host: HostProcess;
let base: string;
let publisher: Publisher | undefined;

beforeAll(async () => {
  host = new HostProcess({
    handlers: {
      listTabs: () => [TAB],
      startStream: async ({ tab, options }) => {
        if (tab !== null && "tab_id" in tab && tab.tab_id === 404)
          throw new FlyBrowserError("tab_not_found", { tab: 404 });
        publisher = await Publisher.open(host, { options: options as object });
        return publisher.playable();
      },
      stopStream: async () => (publisher as Publisher).stop(),
    },
  });
  base = `http://127.0.0.1:${(await host.hello()).port}`;
});
afterAll(async () => {
  await publisher?.abandon();
  await host.close();
});

function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(base + path, {
    method,
    headers: {
      authorization: `Bearer ${host.control_file?.token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

describe("who may ask", () => {
  test.each([{}, { authorization: "Bearer wrong" }, { authorization: "Basic abc" }])("not %o", async (headers) => {
    const answer = await fetch(`${base}/api/streams`, { headers: headers as Record<string, string> });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject({ code: "unauthorized", status: 401, fix: expect.any(String) });
  });

  test("not under another host name (DNS rebinding)", async () => {
    const { port } = new URL(base);
    const headers = { host: "evil.example", authorization: `Bearer ${host.control_file?.token}` };
    const status = await new Promise((resolve, reject) => {
      request({ port, host: "127.0.0.1", path: "/api/streams", headers }, (answer) =>
        resolve(answer.resume().statusCode),
      )
        .on("error", reject)
        .end();
    });
    expect(status).toBe(421);
  });

  test("no page of another origin reads an answer", async () => {
    const answer = await ask("GET", "/api/streams", undefined, { origin: "https://evil.example" });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    const preflight = await fetch(`${base}/api/streams`, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example" },
    });
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("anybody on this machine may ask for /healthz", async () => {
    expect(await (await fetch(`${base}/healthz`)).json()).toMatchObject({ status: "ok" });
  });
});

describe("bodies", () => {
  test.each([
    ["no JSON", "{", {}],
    ["another content type", "{}", { "content-type": "text/plain" }],
    ["an unknown key", { tabs: 1 }, {}],
    ["too much", { options: "x".repeat(10_000_000) }, {}],
  ])("%s is refused", async (_name, body, headers) => {
    const answer = await ask("POST", "/api/streams", body, headers);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "invalid_message" });
  });

  test("errors of the extension come through as they are", async () => {
    const answer = await ask("POST", "/api/streams", { tab: { tab_id: 404 } });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: "tab_not_found", title: "There is no tab 404." });
  });
});

test("a stream from its start to its end", async () => {
  expect(await (await ask("GET", "/api/tabs")).json()).toEqual({ tabs: [TAB] });
  const started = await ask("POST", "/api/streams", { options: { quality: "medium" } });
  expect(started.status).toBe(201);
  const { stream_id } = (await started.json()) as { stream_id: string };
  expect(await (await ask("GET", "/api/streams")).json()).toMatchObject({
    streams: [{ stream_id, quality: "medium" }],
  });
  const path = `/api/streams/${stream_id}`;
  expect(await (await ask("GET", path)).json()).toMatchObject({ active: true, status: { state: "active" } });
  expect(await (await ask("DELETE", path)).json()).toMatchObject({ stream_id, success: true });
  expect(await (await ask("GET", path)).json()).toMatchObject({ active: false, status: { state: "stopped" } });
  expect(await (await ask("DELETE", path)).json()).toEqual({ success: false, error: "No active stream" });
  expect(await (await ask("GET", "/api/streams")).json()).toEqual({ streams: [] });
  expect((await ask("GET", "/api/streams/stream_unknown")).status).toBe(404);
  expect((await ask("GET", "/api/nothing")).status).toBe(404);
});
