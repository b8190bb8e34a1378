import { once } from "node:events";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import {
  acknowledgement,
  command,
  MESSAGE,
  setChunkSize,
  windowSize,
} from "../../../../../native-host/sinks/rtmp/messages.ts";
import { RtmpOutput, type RtmpOutputOptions } from "../../../../../native-host/sinks/rtmp/rtmp-output.ts";
import { serializeError } from "../../../../../protocol/errors.ts";
import { type OnCommand, startFakeServer, testKey } from "../../../../fixtures/rtmp/fake-server.ts";
import { audioInit, fragment, videoInit } from "../../../../fixtures/rtmp/fmp4.ts";
import { Cleanup, freePort } from "../../../../fixtures/rtmp/processes.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const key = testKey();
const lines: string[] = [];
const keep = (message: string, properties?: Record<string, unknown>) =>
  void lines.push(message + JSON.stringify(properties));
const log = { debug: keep, info: keep, warn: keep };

function output(port: number, options: Partial<RtmpOutputOptions> = {}): RtmpOutput {
  const made = new RtmpOutput({
    url: `rtmp://127.0.0.1:${port}/live`,
    key,
    log,
    retry: { first: 10, longest: 50 },
    ...options,
  });
  cleanup.add(() => made.close());
  return made;
}

/** What connect() throws, after looking for the key in all of it. */
async function failure(made: RtmpOutput): Promise<unknown> {
  const error = await made.connect().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const shown = [
    inspect(error, { depth: 9, showHidden: true }),
    JSON.stringify(serializeError(error)),
    String((error as Error).stack),
  ];
  for (const each of [
    ...shown,
    inspect(made, { depth: 9, showHidden: true }),
    JSON.stringify(made),
    JSON.stringify(made.status),
    ...lines,
  ]) {
    expect(each).not.toContain(key);
  }
  expect(made.status.state).toBe("closed");
  return error;
}

const refuseWith =
  (on: string, transaction: number, name: string, code: string): OnCommand =>
  (client, values) => {
    if (values[0] !== on) return client.answer(values);
    client.send(command(0, name, transaction, null, { level: "error", code, description: `key ${key} is not known` }));
  };

describe("RtmpOutput.connect", () => {
  it("asks in the right order, with the right names, and resolves when the server says start", async () => {
    const server = await startFakeServer(cleanup);
    await output(server.port).connect();
    const commands = server.clients[0]?.commands ?? [];
    expect(commands.map(([name]) => name)).toEqual([
      "connect",
      "releaseStream",
      "FCPublish",
      "createStream",
      "publish",
    ]);
    expect(commands[0]?.[2]).toMatchObject({
      app: "live",
      tcUrl: `rtmp://127.0.0.1:${server.port}/live`,
      type: "nonprivate",
    });
    expect(commands[0]?.[2]).not.toHaveProperty("fourCcList");
    expect(commands[4]?.slice(2)).toEqual([null, key, "live"]);
  });

  it("offers the FourCC of h265 and vp9", async () => {
    const server = await startFakeServer(cleanup);
    await output(server.port, { codec: "h265" }).connect();
    expect(server.clients[0]?.commands[0]?.[2]).toMatchObject({ fourCcList: ["hvc1"] });
  });

  it("does not mind a server without releaseStream and FCPublish", async () => {
    const server = await startFakeServer(cleanup, (client, values) => {
      if (values[0] === "releaseStream")
        client.send(command(0, "_error", 2, null, { level: "error", code: "NetConnection.Call.Failed" }));
      else client.answer(values);
    });
    await output(server.port).connect();
  });

  it.each([
    ["connect", 1, "_error", "NetConnection.Connect.Rejected"],
    ["createStream", 4, "_error", "NetConnection.Call.Failed"],
    ["publish", 0, "onStatus", "NetStream.Publish.BadName"],
  ])("says what the server says when it refuses %s, without the key", async (...refusal) => {
    const server = await startFakeServer(cleanup, refuseWith(...refusal));
    const error = await failure(output(server.port));
    expect(error).toMatchObject({
      code: "rtmp_refused",
      details: { reason: `${refusal[3]}: key [hidden] is not known` },
    });
  });

  it("takes a connection closed before the start as a refusal", async () => {
    const server = await startFakeServer(cleanup, (client, values) => {
      if (values[0] === "publish") client.socket.end();
      else client.answer(values);
    });
    expect(await failure(output(server.port))).toMatchObject({ code: "rtmp_refused" });
  });

  it("gives up on a server that says nothing, naming what it waited for", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanup.add(() => server.close());
    const address = server.address();
    const port = address && typeof address === "object" ? address.port : 0;
    const error = await failure(output(port, { connectTimeout: 100 }));
    expect(error).toMatchObject({ code: "rtmp_timeout", details: { step: "the handshake", seconds: 0.1 } });
    const mute = await startFakeServer(cleanup, () => {});
    expect(await failure(output(mute.port, { connectTimeout: 100 }))).toMatchObject({
      details: { step: "the connect command" },
    });
  });

  it("says when nobody listens, when there is no such server, and when it is no RTMP server", async () => {
    expect(await failure(output(await freePort()))).toMatchObject({
      ...{ code: "rtmp_unreachable", details: { reason: "nobody listens on that port" } },
    });
    const nowhere = output(1, { url: "rtmp://no-such-server.invalid/live" });
    expect(await failure(nowhere)).toMatchObject({
      code: "rtmp_unreachable",
      details: { server: "rtmp://no-such-server.invalid" },
    });
    const web = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
    await once(web, "listening");
    cleanup.add(() => web.close());
    const address = web.address();
    const port = address && typeof address === "object" ? address.port : 0;
    expect(await failure(output(port))).toMatchObject({ code: "rtmp_invalid_answer" });
    const secure = output(port, { url: `rtmps://127.0.0.1:${port}/live` });
    expect(await failure(secure)).toMatchObject({ code: "rtmp_tls_failed" });
  });

  it("ends at once when it is closed meanwhile", async () => {
    const mute = await startFakeServer(cleanup, () => {});
    const made = output(mute.port);
    const failed = failure(made);
    await expect.poll(() => mute.clients.length).toBe(1);
    await made.close();
    expect(await failed).toMatchObject({ code: "rtmp_lost" });
  });
});

describe("after the death of the host that published", () => {
  it("waits for a server that is away, from the first attempt on", async () => {
    const port = await freePort();
    const made = output(port, { resumes: true });
    await made.connect();
    expect(made.status).toMatchObject({ state: "reconnecting", reconnects: 0 });
    await startFakeServer(cleanup, undefined, port);
    await expect.poll(() => made.status.state, { timeout: 10_000 }).toBe("publishing");
    expect(made.status.reconnects).toBe(1);
  });
});

describe("RtmpOutput while publishing", () => {
  it("answers pings, acknowledges what it receives, and takes a changed chunk size", async () => {
    const server = await startFakeServer(cleanup);
    await output(server.port).connect();
    const [client] = server.clients;
    client?.send({ type: MESSAGE.userControl, streamId: 0, timestamp: 0, body: Buffer.from("000600001234", "hex") });
    client?.send(windowSize(1000));
    client?.send({ type: MESSAGE.data, streamId: 1, timestamp: 0, body: Buffer.alloc(2000) });
    const bodies = (type: number) =>
      client?.messages.filter((each) => each.type === type).map((each) => Buffer.from(each.body).toString("hex")) ?? [];
    await expect.poll(() => bodies(MESSAGE.userControl)).toEqual(["000700001234"]);
    await expect.poll(() => bodies(MESSAGE.acknowledgement).length).toBe(1);
    expect(Number.parseInt(bodies(MESSAGE.acknowledgement)[0] ?? "", 16)).toBeGreaterThan(5000);
    expect(setChunkSize(4096).body).toEqual(client?.messages.find(({ type }) => type === MESSAGE.setChunkSize)?.body);
  });

  it("comes back after a lost connection, begins again with headers and a keyframe, and counts", async () => {
    const server = await startFakeServer(cleanup);
    const made = output(server.port, { retry: { first: 400, longest: 400 } });
    const states: string[] = [];
    made.onChange(({ state }) => states.at(-1) !== state && states.push(state));
    await made.connect();
    const group = (start: number) =>
      fragment(start, [
        { duration: 40, keyframe: true, bytes: 100 },
        { duration: 40, keyframe: false, bytes: 50 },
      ]);
    made.openRun({ video: videoInit(), audio: null });
    made.write("video", group(0));
    await expect.poll(() => server.clients[0]?.messages.filter(({ type }) => type === MESSAGE.video).length).toBe(3);
    server.clients[0]?.socket.destroy();
    await expect.poll(() => states).toEqual(["publishing", "reconnecting"]);
    made.write("video", group(80));
    await expect.poll(() => made.status.state).toBe("publishing");
    expect(made.status).toMatchObject({ reconnects: 1, frames_sent: 2, missed_frames: 2, dropped_frames: 0 });
    expect(made.status.last_error).toMatchObject({ code: "rtmp_lost" });
    made.write("video", group(160));
    const video = () => server.clients[1]?.messages.filter(({ type }) => type === MESSAGE.video) ?? [];
    await expect.poll(() => video().length).toBe(3);
    expect(video().map(({ timestamp, body }) => [timestamp, body[0], body[1]])).toEqual([
      ...[
        [0, 0x17, 0],
        [0, 0x17, 1],
        [40, 0x27, 1],
      ],
    ]);
    expect(lines.join()).not.toContain(key);
  });

  it("takes silence for a loss: nothing read, though the line stands", async () => {
    const server = await startFakeServer(cleanup);
    const made = output(server.port, { stallTimeout: 300 });
    await made.connect();
    server.clients[0]?.socket.pause();
    made.openRun({ video: videoInit(), audio: null });
    for (let at = 0; at < 40 && made.status.state === "publishing"; at++) {
      made.write("video", fragment(at * 40, [{ duration: 40, keyframe: true, bytes: 1_000_000 }]));
    }
    await expect.poll(() => made.status.last_error?.details.reason, { timeout: 5000 }).toMatch(/took nothing/);
    await expect.poll(() => made.status.reconnects).toBe(1);
  });

  it("takes a server that no longer acknowledges for lost, though its line takes everything", async () => {
    const server = await startFakeServer(cleanup);
    const made = output(server.port, { stallTimeout: 300 });
    await made.connect();
    made.openRun({ video: videoInit(), audio: null });
    const write = (at: number) =>
      made.write("video", fragment(at * 40, [{ duration: 40, keyframe: true, bytes: 400_000 }]));
    for (let at = 0; at < 4; at++) write(at);
    await expect.poll(() => made.status.queued_bytes).toBe(0);
    server.clients[0]?.send(acknowledgement(1_600_000));
    await expect
      .poll(
        () => {
          if (made.status.state === "publishing") write(10);
          return made.status.last_error?.details.reason;
        },
        { timeout: 5000, interval: 100 },
      )
      .toMatch(/took nothing/);
  });

  it("sends what it holds back, takes leave, and is closed for good", async () => {
    const server = await startFakeServer(cleanup);
    const made = output(server.port);
    await made.connect();
    made.openRun({ video: videoInit(), audio: audioInit() });
    made.write("video", fragment(0, [{ duration: 40, keyframe: true, bytes: 10 }]));
    await Promise.all([made.close(), made.close()]);
    const [client] = server.clients;
    expect(client?.commands.slice(-2)).toEqual([
      ["FCUnpublish", 6, null, key],
      ["deleteStream", 7, null, 1],
    ]);
    expect(client?.messages.filter(({ type }) => type === MESSAGE.video)).toHaveLength(2);
    expect(made.status).toMatchObject({ state: "closed", frames_sent: 1 });
    made.write("video", fragment(40, [{ duration: 40, keyframe: true, bytes: 10 }]));
    expect(made.status.frames_sent).toBe(1);
  });
});
