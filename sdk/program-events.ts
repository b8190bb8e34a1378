// The server-sent events by which the host tells a program what a person does (control-messages.ts).
import type { EventSourceMessage } from "eventsource-parser";
import { EventSourceParserStream } from "eventsource-parser/stream";
import * as v from "valibot";
import { LATE, timeout } from "../protocol/async.ts";
import { PROGRAM_EVENTS, type ProgramEvent } from "../protocol/control-messages.ts";

/** ms without a sign of life after which the host is taken for lost; it sends one every 5 s. */
const SILENCE = 20_000;

type Next = ReadableStreamReadResult<EventSourceMessage>;

/** The events, until the connection ends one way or the other. */
export async function* programEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ProgramEvent> {
  let heard: () => void = () => {};
  const alive = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      heard();
      controller.enqueue(chunk);
    },
  });
  const text = body.pipeThrough(alive).pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
  const reader = text.pipeThrough(new EventSourceParserStream()).getReader();
  try {
    for (let next = reader.read(); ; ) {
      const sign = new Promise<"alive">((resolve) => {
        heard = () => resolve("alive");
      });
      const got = await timeout<Next | "alive">(Promise.race([next, sign]), SILENCE).catch(() => null); // the connection broke
      if (got === "alive") continue;
      if (got === LATE || got === null || got.done) return;
      const event = eventOf(got.value);
      next = reader.read();
      if (event) yield event;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function eventOf({ event, data }: { event?: string | undefined; data: string }): ProgramEvent | null {
  if (event === undefined || !Object.hasOwn(PROGRAM_EVENTS, event)) return null;
  const name = event as ProgramEvent["name"];
  const parsed = v.safeParse(PROGRAM_EVENTS[name], JSON.parse(data));
  return parsed.success ? ({ name, data: parsed.output } as ProgramEvent) : null;
}
