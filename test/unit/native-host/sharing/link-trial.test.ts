// A link is good only when it leads to the very stream.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { tryLink } from "../../../../native-host/sharing/link-trial.ts";
import { say } from "../../../../protocol/sentence.ts";

let server: Server | null = null;
afterEach(() => server?.close());

async function answering(status: number, body: string, from = 0): Promise<string> {
  let asked = 0;
  server = createServer((_request, response) => {
    asked++;
    response.statusCode = asked > from ? status : 502;
    response.end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/s/one/token`;
}

test.each([
  [200, '{"stream_id":"one","state":"active"}', null],
  [200, '{"stream_id":"two"}', "something else answers there (status 200)"],
  [200, "<html>", "something else answers there (status 200)"],
  [404, "", "something else answers there (status 404)"],
  [421, "", "whatever stands there doesn't pass on the name that it was asked for"],
])("an answer %i %s: %s", async (status, body, reason) => {
  const wrong = await tryLink({ url: await answering(status, body), stream_id: "one", within: 2_000 });
  expect(wrong && say(wrong)).toBe(reason);
});

test("one that works after a while is good", async () => {
  const url = await answering(200, '{"stream_id":"one"}', 2);
  expect(await tryLink({ url, stream_id: "one", within: 5_000 })).toBeNull();
});

test("nobody there: it says what the system says", async () => {
  const wrong = await tryLink({ url: "http://127.0.0.1:9/s/one/token", stream_id: "one", within: 100 });
  expect(say(wrong ?? "")).toMatch(/^there was no answer \(.+\)$/);
});
