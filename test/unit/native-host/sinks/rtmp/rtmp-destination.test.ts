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
import { RtmpDestination, type RtmpTimes } from "../../../../../native-host/sinks/rtmp/rtmp-destination.ts";
import { serializeError } from "../../../../../protocol/errors.ts";
import { say, sentence, valueText } from "../../../../../protocol/sentence.ts";
import { hostLog } from "../../../../fixtures/host-log.ts";
import { type OnCommand, startFakeServer, testKey } from "../../../../fixtures/rtmp/fake-server.ts";
import { runOf, unitOf, VIDEO } from "../../../../fixtures/rtmp/fmp4.ts";
import { Cleanup, freePort } from "../../../../fixtures/rtmp/processes.ts";
import { OUTLINE } from "../../../../fixtures/stream-outline.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const key = testKey();
const lines = hostLog();

interface Options extends Partial<RtmpTimes> {
  readonly url?: string;
  readonly codec?: "h264" | "h265";
  readonly required?: boolean;
  readonly resumes?: boolean;
}

function destination(port: number, options: Options = {}): RtmpDestination {
  const { url = `rtmp://127.0.0.1:${port}/live`, codec = "h264", required = true, resumes = false, ...times } = options;
  const made = new RtmpDestination(
    { destination_id: "destination_1", name: "test", required, url, key },
    { ...OUTLINE, codec, frame_rate: 25, resumes },
    { retry: { first: 10, longest: 50 }, ...times },
  );
  cleanup.add(() => made.close());
  return made;
}

/** A unit of frames of 40 ms, the first one a keyframe. */
const unit = (start: number, ...bytes: number[]) =>
  unitOf(
    VIDEO,
    start,
    bytes.map((each, index) => ({ duration: 40, keyframe: index === 0, bytes: each })),
  );
const silent = runOf([VIDEO]);
/** Why it was lost, as often as it was. */
function losses(made: RtmpDestination): unknown[] {
  const reasons: unknown[] = [];
  made.onChange(
    () => void (made.report.state === "retrying" && reasons.push(valueText(made.report.error?.details.reason))),
  );
  return reasons;
}

/** What connect() throws, after looking for the key in all of it. */
async function failure(made: RtmpDestination): Promise<unknown> {
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
    inspect(made.report, { depth: 9, showHidden: true }),
    ...lines,
  ]) {
    expect(each).not.toContain(key);
  }
  expect(["failed", "ended"]).toContain(made.report.state);
  return error;
}

const refuseWith =
  (on: string, transaction: number, name: string, code: string): OnCommand =>
  (client, values) => {
    if (values[0] !== on) return client.answer(values);
    client.send(command(0, name, transaction, null, { level: "error", code, description: `key ${key} is not known` }));
  };

describe("RtmpDestination.connect", () => {
  it("has a word about a server that doesn't say that it takes a codec of Enhanced RTMP", async () => {
    const silent = await startFakeServer(cleanup);
    const plain = destination(silent.port);
    const unsure = destination(silent.port, { codec: "h265" });
    await Promise.all([plain.connect(), unsure.connect()]);
    expect(plain.advice).toEqual([]);
    expect(unsure.advice.map((words) => say(words))).toEqual([
      `rtmp://127.0.0.1:${silent.port} doesn't say that it takes H.265 (Enhanced RTMP): its viewers may see nothing; H.264 is taken by every server`,
    ]);
    const knowing = await startFakeServer(cleanup, (client, values) => {
      if (values[0] !== "connect") return client.answer(values);
      client.send(command(0, "_result", 1, { fourCcList: ["hvc1"] }, { code: "NetConnection.Connect.Success" }));
    });
    const sure = destination(knowing.port, { codec: "h265" });
    await sure.connect();
    expect(sure.advice).toEqual([]);
  });

  it("asks in the right order, with the right names, and resolves when the server says start", async () => {
    const server = await startFakeServer(cleanup);
    await destination(server.port).connect();
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
    await destination(server.port, { codec: "h265" }).connect();
    expect(server.clients[0]?.commands[0]?.[2]).toMatchObject({ fourCcList: ["hvc1"] });
  });

  it("does not mind a server without releaseStream and FCPublish", async () => {
    const server = await startFakeServer(cleanup, (client, values) => {
      if (values[0] === "releaseStream")
        client.send(command(0, "_error", 2, null, { level: "error", code: "NetConnection.Call.Failed" }));
      else client.answer(values);
    });
    await destination(server.port).connect();
  });

  it.each([
    ["connect", 1, "_error", "NetConnection.Connect.Rejected"],
    ["createStream", 4, "_error", "NetConnection.Call.Failed"],
    ["publish", 0, "onStatus", "NetStream.Publish.BadName"],
  ])("says what the server says when it refuses %s, without the key", async (...refusal) => {
    const server = await startFakeServer(cleanup, refuseWith(...refusal));
    const error = await failure(destination(server.port));
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
    expect(await failure(destination(server.port))).toMatchObject({ code: "rtmp_refused" });
  });

  it("gives up on a server that says nothing, naming what it waited for", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanup.add(() => server.close());
    const address = server.address();
    const port = address && typeof address === "object" ? address.port : 0;
    const error = await failure(destination(port, { connect: 100 }));
    expect(error).toMatchObject({
      code: "rtmp_timeout",
      details: { step: sentence("rtmp.handshake_step"), seconds: 0.1 },
    });
    const mute = await startFakeServer(cleanup, () => {});
    expect(await failure(destination(mute.port, { connect: 100 }))).toMatchObject({
      details: { step: sentence("rtmp.connect_step") },
    });
  });

  it("says when nobody listens, when there is no such server, and when it is no RTMP server", async () => {
    expect(await failure(destination(await freePort()))).toMatchObject({
      ...{ code: "rtmp_unreachable", details: { reason: sentence("rtmp.refused_port") } },
    });
    const nowhere = destination(1, { url: "rtmp://no-such-server.invalid/live" });
    expect(await failure(nowhere)).toMatchObject({
      code: "rtmp_unreachable",
      details: { server: "rtmp://no-such-server.invalid" },
    });
    const web = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
    await once(web, "listening");
    cleanup.add(() => web.close());
    const address = web.address();
    const port = address && typeof address === "object" ? address.port : 0;
    expect(await failure(destination(port))).toMatchObject({ code: "rtmp_invalid_answer" });
    const secure = destination(port, { url: `rtmps://127.0.0.1:${port}/live` });
    expect(await failure(secure)).toMatchObject({ code: "rtmp_tls_failed" });
  });

  it("ends at once when it is closed meanwhile", async () => {
    const mute = await startFakeServer(cleanup, () => {});
    const made = destination(mute.port);
    const failed = failure(made);
    await expect.poll(() => mute.clients.length).toBe(1);
    await made.close();
    expect(await failed).toMatchObject({ code: "rtmp_lost" });
  });
});

describe("a server that is away at first", () => {
  it("ends a destination that the stream has to have", async () => {
    const made = destination(await freePort());
    expect(await failure(made)).toMatchObject({ code: "rtmp_unreachable" });
    expect(made.report).toMatchObject({ state: "failed", error: { code: "rtmp_unreachable" } });
  });

  it.each([
    ["was there before its host died", { resumes: true }],
    ["the stream can do without", { required: false }],
  ])("is waited for by one that %s", async (_, options) => {
    const port = await freePort();
    const made = destination(port, options);
    await made.connect();
    expect(made.report).toMatchObject({ state: "retrying", reconnects: 0, error: { code: "rtmp_unreachable" } });
    await startFakeServer(cleanup, undefined, port);
    await expect.poll(() => made.report.state, { timeout: 10_000 }).toBe("live");
    expect(made.report).toMatchObject({ reconnects: 1, error: null });
  });

  it("is not waited for where it says no", async () => {
    const server = await startFakeServer(cleanup, refuseWith("publish", 0, "onStatus", "NetStream.Publish.BadName"));
    const made = destination(server.port, { required: false });
    expect(await failure(made)).toMatchObject({ code: "rtmp_refused" });
    expect(made.report).toMatchObject({ state: "failed", error: { code: "rtmp_refused" } });
    expect(server.clients).toHaveLength(1);
  });
});

describe("RtmpDestination while live", () => {
  it("answers pings, acknowledges what it receives, and takes a changed chunk size", async () => {
    const server = await startFakeServer(cleanup);
    await destination(server.port).connect();
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
    const made = destination(server.port, { retry: { first: 400, longest: 400 } });
    const states: string[] = [];
    made.onChange(() => void (states.at(-1) !== made.report.state && states.push(made.report.state)));
    await made.connect();
    const videoOf = (client: number) =>
      server.clients[client]?.messages.filter(({ type }) => type === MESSAGE.video) ?? [];
    void made.sink.openRun(silent);
    void made.sink.write(unit(0, 100, 50));
    await expect.poll(() => videoOf(0).length).toBe(3);
    server.clients[0]?.socket.destroy();
    await expect.poll(() => states).toEqual(["live", "retrying"]);
    expect(made.report).toMatchObject({ error: { code: "rtmp_lost" } });
    void made.sink.write(unit(80, 100, 50));
    await expect.poll(() => made.report.state).toBe("live");
    expect(made.report).toMatchObject({ reconnects: 1, dropped_frames: 2, error: null });
    void made.sink.write(unit(160, 100, 50));
    await expect.poll(() => videoOf(1).length).toBe(3);
    expect(videoOf(1).map(({ timestamp, body }) => [timestamp, body[0], body[1]])).toEqual([
      ...[
        [0, 0x17, 0],
        [0, 0x17, 1],
        [40, 0x27, 1],
      ],
    ]);
    expect(lines.join()).toContain("Next attempt");
    expect(lines.join()).not.toContain(key);
  });

  it("is busy while the network is, until it has taken what waits, or the connection is lost", async () => {
    const server = await startFakeServer(cleanup);
    const made = destination(server.port);
    await made.connect();
    void made.sink.openRun(silent);
    expect(made.sink.write(unit(0, 1000))).toBeUndefined();
    server.clients[0]?.socket.pause();
    const fill = () => {
      for (let at = 1; ; at++) {
        const busy = made.sink.write(unit(at * 40, 1_000_000));
        if (busy !== undefined) return busy;
      }
    };
    const first = fill();
    server.clients[0]?.socket.resume();
    await first;
    server.clients[0]?.socket.pause();
    const second = fill();
    server.clients[0]?.socket.destroy();
    await second;
    await expect.poll(() => made.report.reconnects).toBe(1);
  });

  it("tells of a run that it can't carry, and goes on with the next one that it can", async () => {
    const server = await startFakeServer(cleanup);
    const made = destination(server.port);
    await made.connect();
    let told = 0;
    made.onChange(() => void told++);
    void made.sink.openRun(runOf([{ ...VIDEO, codec: "vp9" }]));
    void made.sink.write(unit(0, 100, 100));
    expect(made.report).toMatchObject({ state: "live", dropped_frames: 2, error: { code: "unsupported_combination" } });
    void made.sink.openRun(runOf([VIDEO], 1));
    expect(made.report.error).toBeNull();
    expect(told).toBe(2);
    void made.sink.write(unit(80, 100));
    await expect.poll(() => server.clients[0]?.messages.filter(({ type }) => type === MESSAGE.video).length).toBe(2);
  });

  it("takes silence for a loss: nothing read, though the line stands", async () => {
    const server = await startFakeServer(cleanup);
    const made = destination(server.port, { stall: 300 });
    await made.connect();
    const reasons = losses(made);
    server.clients[0]?.socket.pause();
    void made.sink.openRun(silent);
    for (let at = 0; at < 40 && made.report.state === "live"; at++) void made.sink.write(unit(at * 40, 1_000_000));
    await expect.poll(() => made.report.reconnects, { timeout: 5000 }).toBe(1);
    expect(reasons[0]).toMatch(/took nothing/);
  });

  it("takes a server that no longer acknowledges for lost, though its line takes everything", async () => {
    const server = await startFakeServer(cleanup);
    const made = destination(server.port, { stall: 300 });
    await made.connect();
    const reasons = losses(made);
    void made.sink.openRun(silent);
    for (let at = 0; at < 4; at++) await made.sink.write(unit(at * 40, 400_000));
    await expect.poll(() => made.report.bytes_sent).toBeGreaterThan(1_600_000);
    server.clients[0]?.send(acknowledgement(1_600_000));
    await expect
      .poll(
        () => {
          if (made.report.state === "live") void made.sink.write(unit(400, 400_000));
          return reasons[0];
        },
        { timeout: 5000, interval: 100 },
      )
      .toMatch(/took nothing/);
  });

  it("notices the same of a stream of a few bytes by the time that passed, and leaves one alone that acknowledges seldom", async () => {
    const [dead, seldom] = [await startFakeServer(cleanup), await startFakeServer(cleanup)];
    const all = [dead, seldom].map((server) => destination(server.port, { stall: 300 }));
    await Promise.all(all.map((made) => made.connect()));
    const lost = all.map((made) => losses(made));
    for (const made of all) {
      void made.sink.openRun(silent);
      await made.sink.write(unit(0, 40_000));
    }
    await expect.poll(() => all.every(({ report }) => report.bytes_sent > 40_000)).toBe(true);
    dead.clients[0]?.send(acknowledgement(40_000));
    // 200 kbit/s; the second server acknowledges four times what it was asked to.
    for (let at = 40; at < 4_000 && lost[0]?.length === 0; at += 40) {
      for (const made of all) if (made.report.state === "live") void made.sink.write(unit(at, 5_000));
      if (at % 1_000 === 0) seldom.clients[0]?.send(acknowledgement(0));
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    expect(lost[0]?.[0]).toMatch(/took nothing/);
    expect(lost[1]).toEqual([]);
  });

  it("sends what it holds back, takes leave, and is closed for good", async () => {
    const server = await startFakeServer(cleanup);
    const made = destination(server.port);
    await made.connect();
    void made.sink.openRun(runOf());
    void made.sink.write(unit(0, 10));
    await Promise.all([made.close(), made.close()]);
    const [client] = server.clients;
    expect(client?.commands.slice(-2)).toEqual([
      ["FCUnpublish", 6, null, key],
      ["deleteStream", 7, null, 1],
    ]);
    const video = () => client?.messages.filter(({ type }) => type === MESSAGE.video);
    expect(video()).toHaveLength(2);
    expect(made.report).toMatchObject({ state: "ended", error: null });
    const { bytes_sent } = made.report;
    expect(bytes_sent).toBeGreaterThan(3000);
    void made.sink.write(unit(40, 10));
    expect(made.report.bytes_sent).toBe(bytes_sent);
    expect(video()).toHaveLength(2);
  });
});
