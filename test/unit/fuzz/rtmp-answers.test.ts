// What an RTMP server can answer: any bytes for the handshake, for chunks, for AMF; a whole conversation with changes anywhere.
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeAmf0, encodeAmf0 } from "../../../native-host/sinks/rtmp/amf0.ts";
import { ChunkReader } from "../../../native-host/sinks/rtmp/chunk-reader.ts";
import { ChunkWriter } from "../../../native-host/sinks/rtmp/chunk-writer.ts";
import { RtmpConnection } from "../../../native-host/sinks/rtmp/connection.ts";
import { Handshake } from "../../../native-host/sinks/rtmp/handshake.ts";
import { acknowledgement, command, setChunkSize, windowSize } from "../../../native-host/sinks/rtmp/messages.ts";
import { RtmpTarget } from "../../../native-host/sinks/rtmp/target.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { mutated, PARAMETERS, pieces, RUNS, TIMEOUT } from "./runs.ts";

const KEY = "sk_no_word_of_chance";
const STATUS = { level: "status", code: "NetStream.Publish.Start", description: `${KEY} is published` };
const writer = new ChunkWriter();
const ANSWERS = [
  windowSize(5_000_000),
  setChunkSize(4_096),
  command(0, "_result", 1, {}, { level: "status", code: "NetConnection.Connect.Success" }),
  acknowledgement(3_000),
  command(0, "_result", 4, null, 1),
  command(1, "onStatus", 0, null, STATUS),
].map((message) => {
  const bytes = Buffer.concat([writer.write(3, message)].flat());
  return bytes;
});
const CONVERSATION = Buffer.concat(ANSWERS);
const refused = (act: () => void): void => {
  try {
    act();
  } catch (thrown) {
    if (!(thrown instanceof FlyBrowserError)) throw thrown;
    expect(thrown.code).toBe("rtmp_invalid_answer");
  }
};
const cuts = fc.array(fc.nat(), { maxLength: 12 });

test("chunks of any bytes are messages, or refused", { timeout: TIMEOUT }, () => {
  const bytes = fc.oneof(
    mutated(CONVERSATION),
    fc.uint8Array({ maxLength: 500 }).map((each) => Buffer.from(each)),
  );
  fc.assert(
    fc.property(bytes, cuts, (sent, places) => {
      const reader = new ChunkReader();
      refused(() => {
        for (const piece of pieces(sent, places)) {
          for (const { body } of reader.push(piece)) expect(body.length).toBeLessThanOrEqual(64 * 1024);
        }
      });
    }),
    PARAMETERS,
  );
});

test("AMF of any bytes is values, or refused", { timeout: TIMEOUT }, () => {
  const valid = encodeAmf0("onStatus", 0, null, { ...STATUS, list: { deep: { deeper: true } } });
  const bytes = fc.oneof(mutated(valid), fc.uint8Array({ maxLength: 300 }));
  fc.assert(
    fc.property(bytes, (sent) => refused(() => void decodeAmf0(sent))),
    PARAMETERS,
  );
});

test("a handshake of any bytes is done, goes on, or is refused", { timeout: TIMEOUT }, () => {
  const bytes = fc.tuple(fc.constantFrom(3, 3, 3, 6, 0, 72), fc.uint8Array({ maxLength: 3_200 }), fc.nat(3_200));
  fc.assert(
    fc.property(bytes, cuts, ([version, body, zeros], places) => {
      const handshake = new Handshake();
      const sent = Buffer.concat([Buffer.from([version]), body, Buffer.alloc(zeros)]);
      refused(() => {
        for (const piece of pieces(sent, places)) if (handshake.push(piece).rest !== null) break;
      });
    }),
    PARAMETERS,
  );
});

let server: Server;
let next: Uint8Array = CONVERSATION;
beforeAll(async () => {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * 1536), next]));
      socket.end();
    });
    socket.resume();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

test("a conversation of any form ends in an error of ours, that never shows the key", {
  timeout: TIMEOUT,
}, async () => {
  const target = new RtmpTarget(`rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/live`, KEY);
  const options = { target, codec: "h264", connectTimeout: 2_000, stallTimeout: 1_000 } as const;
  await fc.assert(
    fc.asyncProperty(mutated(CONVERSATION), async (answers) => {
      next = answers;
      const opened = await RtmpConnection.open(options, new AbortController().signal).catch(
        (thrown: unknown) => thrown,
      );
      if (opened instanceof RtmpConnection) return opened.close();
      expect(opened).toBeInstanceOf(FlyBrowserError);
      expect((opened as FlyBrowserError).message).not.toContain(KEY);
    }),
    { ...PARAMETERS, numRuns: RUNS },
  );
});
