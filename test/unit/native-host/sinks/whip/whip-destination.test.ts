// What WHIP servers may answer, and what becomes of it: real HTTP, with a browser that does what it is told.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterEach, expect, test } from "vitest";
import { createDestinations } from "../../../../../native-host/sinks/registry.ts";
import { type CallExtension, Publishers } from "../../../../../native-host/sinks/whip/publishers.ts";
import { WhipDestination } from "../../../../../native-host/sinks/whip/whip-destination.ts";
import { FlyBrowserError } from "../../../../../protocol/errors.ts";
import type { PublisherReport } from "../../../../../protocol/native-messages.ts";
import { parseStartStreamOptions } from "../../../../../protocol/options.ts";
import { hostLog } from "../../../../fixtures/host-log.ts";
import { testKey } from "../../../../fixtures/rtmp/fake-server.ts";
import { Cleanup, freePort } from "../../../../fixtures/rtmp/processes.ts";
import { TOOLS } from "../../../../fixtures/stream-outline.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());
const lines = hostLog();
const key = testKey();

type Respond = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server that answers as it is told; gives what was asked. */
async function serve(respond: Respond) {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? "-"}`);
    if (request.method === "DELETE") response.end();
    else respond(request, response, body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanup.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests };
}

/** The extension: it offers, and takes every answer but `v=0 bad`. */
class Browser {
  readonly calls: string[] = [];
  readonly answers: string[] = [];
  ready = true;
  #publisher = "";
  readonly publishers: Publishers;

  constructor() {
    const call = async (method: string, params: { publisher_id: string; answer?: string }) => {
      this.calls.push(method);
      this.#publisher = params.publisher_id;
      if (method === "openPublisher" && !this.ready) throw new FlyBrowserError("no_active_stream");
      if (method === "answerPublisher" && params.answer === "v=0 bad")
        throw new FlyBrowserError("webrtc_answer_invalid", { reason: "no" });
      if (params.answer !== undefined) this.answers.push(params.answer);
      return { offer: "v=0 offer" };
    };
    this.publishers = new Publishers(call as unknown as CallExtension, []);
  }

  report(report: Partial<PublisherReport>): void {
    this.publishers.changed(this.#publisher, { state: "connected", bytes_sent: 0, dropped_frames: 0, ...report });
  }
}

function destination(url: string, browser = new Browser()): { made: WhipDestination; browser: Browser } {
  const plan = { destination_id: "d", name: "n", required: false, url, key };
  const openPublisher: ConstructorParameters<typeof WhipDestination>[1]["openPublisher"] = (id, onReport) =>
    browser.publishers.open("s", id, onReport);
  const made = new WhipDestination(plan, { openPublisher }, { first: 20, longest: 50 });
  cleanup.add(() => made.close());
  void made.connect();
  return { made, browser };
}
const accept: Respond = (request, response, body) => {
  const fine = request.headers["content-type"] === "application/sdp" && body === "v=0 offer";
  response.writeHead(fine ? 201 : 415, { Location: "sessions/1" }).end("v=0 answer");
};

test("is live when the browser is connected; counts what it sends; loses it, comes back, and takes leave", async () => {
  const server = await serve(accept);
  const { made, browser } = destination(`whip+http://127.0.0.1:${server.port}/live/whip?stream=1`);
  await expect.poll(() => browser.answers).toEqual(["v=0 answer"]);
  expect(made.report.state).toBe("connecting");
  browser.report({ bytes_sent: 1_000, dropped_frames: 2 });
  expect(made.report).toMatchObject({ state: "live", bytes_sent: 1_000, dropped_frames: 2, error: null });
  browser.report({ state: "lost" });
  await expect.poll(() => made.report.state).toBe("retrying");
  expect(made.report.error).toMatchObject({ code: "destination_lost" });
  await expect.poll(() => browser.answers).toHaveLength(2);
  browser.report({ bytes_sent: 10 });
  expect(made.report).toMatchObject({ state: "live", reconnects: 1, bytes_sent: 1_010, dropped_frames: 2 });
  await made.close();
  expect(made.report).toMatchObject({ state: "ended", bytes_sent: 1_010 });
  expect(server.requests).toEqual([
    `POST /live/whip?stream=1 Bearer ${key}`,
    `DELETE /live/sessions/1 Bearer ${key}`,
    `POST /live/whip?stream=1 Bearer ${key}`,
    `DELETE /live/sessions/1 Bearer ${key}`,
  ]);
  expect(browser.calls.filter((each) => each === "closePublisher")).toHaveLength(2);
  const told = [made.public_url, JSON.stringify(made.report), inspect(made.report), ...lines];
  for (const text of told) expect(text).not.toContain(key);
  expect(made.public_url).toBe(`whip+http://127.0.0.1:${server.port}`);
});

test.each<[string, Respond, string]>([
  ["401", (_, response) => response.writeHead(401).end(), "it answered 401 Unauthorized"],
  ["404", (_, response) => response.writeHead(404).end(), "it answered 404 Not Found"],
  ["no Location", (_, response) => response.writeHead(201).end("v=0 answer"), "no address for the session"],
  ["a page", (_, response) => response.writeHead(200, { Location: "/" }).end("<html>"), "its answer is not SDP"],
  [
    "an answer that the browser refuses",
    (_, response) => response.writeHead(201, { Location: "/1" }).end("v=0 bad"),
    "can't be used: no",
  ],
  [
    "redirects without end",
    (_, response) => response.writeHead(307, { Location: "/again" }).end(),
    "redirected 6 times",
  ],
  [
    "a redirect that would show the token",
    (_, response) => response.writeHead(307, { Location: "http://127.0.0.2:9/" }).end(),
    "redirected to an address that is not https",
  ],
])("%s at the first attempt is final", async (_name, respond, message) => {
  const server = await serve(respond);
  const { made, browser } = destination(`whip+http://127.0.0.1:${server.port}/whip`);
  await expect.poll(() => made.report.state).toBe("failed");
  expect(made.report.error?.message).toContain(message);
  expect(browser.calls.at(-1)).toBe("closePublisher");
});

test("what may be over soon is tried again: nobody there, overloaded, a session that has not ended, a capture that has not begun", async () => {
  let busy = 3;
  const server = await serve((request, response, body) => {
    if (busy-- > 0) response.writeHead(busy === 1 ? 409 : 503).end();
    else accept(request, response, body);
  });
  const browser = new Browser();
  browser.ready = false;
  const { made } = destination(`whip+http://127.0.0.1:${server.port}/whip`, browser);
  await expect.poll(() => browser.calls.length).toBeGreaterThan(3);
  expect(made.report).toMatchObject({ state: "connecting", error: null });
  browser.ready = true;
  await expect.poll(() => made.report.state).toBe("retrying");
  await expect.poll(() => browser.answers).toHaveLength(1);
  browser.report({ state: "lost" });
  await expect.poll(() => made.report.error?.message).toContain("no connection came about");
  const nobody = destination(`whip+http://127.0.0.1:${await freePort()}/whip`).made;
  await expect.poll(() => nobody.report.error?.message).toContain("nothing is listening on that port");
  expect(nobody.report.state).toBe("retrying");
});

test.each(["whip+https://host:99999/whip", "whip+http://u:hunter22@host/whip", "whip+https://host/whip#a"])(
  "%s is refused",
  (url) => {
    const make = () => createDestinations(parseStartStreamOptions({ destinations: [{ url }] }), false, TOOLS);
    expect(make).toThrow(
      "destinations[0].url: the given value is not allowed. Allowed: an address such as whip+https://",
    );
    expect(make).not.toThrow("hunter22");
  },
);
