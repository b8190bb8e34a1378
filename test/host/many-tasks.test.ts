// Thousands of tasks with long names while a recording runs: no message comes near Chrome's limit of 1 MiB, which would end the
// host and all its streams, and everything tells what it leaves out.
import { afterEach, expect, test } from "vitest";
import type { Task } from "../../protocol/results.ts";
import { paced } from "../fixtures/pace.ts";
import { cleanUp, host, info, publish, record, recorded, stop } from "./harness/recording-host.ts";

afterEach(cleanUp);

const TASKS = 2_600;
/** What takes most room in JSON: six bytes a character. */
const NAME = "\u0001x".repeat(100);

/** A whole millisecond, so that one ends on the host's clock too, whose milliseconds begin at other moments. */
async function millisecond(): Promise<void> {
  const began = performance.now();
  while (performance.now() - began <= 1) await new Promise(setImmediate);
}

test(
  "the stream goes on, the recording finishes, and what is left out is counted",
  async () => {
    const h = await host();
    const publisher = await publish(h);
    const { stream_id } = publisher;
    const recording = await record(publisher);
    const began = Date.now();
    for (let number = 0; number < TASKS; number++) {
      const task = { name: `${number} ${NAME}`, detail: NAME, task_id: `t${number}` };
      await h.peer.call("beginTask", { stream_id, task: task as never });
      await millisecond(); // a task that takes no time is no chapter
      await h.peer.call("updateTask", { stream_id, task_id: task.task_id, change: { state: "done" } as never });
      // each a moment after the one before, so that all become chapters
      if (number % 100 === 0) await recorded(h, recording, (Date.now() - began) / 1000 - 1);
    }
    const status = await h.peer.call("getStreamStatus", { stream_id });
    if (!status.active) throw new Error(status.error);
    const { tasks, tasks_left_out = 0 } = status.status;
    expect(tasks.length + tasks_left_out).toBe(TASKS);
    expect((tasks.at(-1) as Task).task_id).toBe(`t${TASKS - 1}`);

    const stopped = await stop(publisher);
    expect(stopped).toMatchObject({ status: "finished", error: null });
    expect(stopped.chapters_left_out).toBeGreaterThan(0);
    expect(JSON.stringify(stopped).length).toBeLessThan(200_000);
    const whole = await info(h, recording);
    expect(whole.chapters.length).toBeGreaterThan(stopped.chapters.length);
    expect((await h.peer.call("getStreamStatus", { stream_id })).active).toBe(true);
  },
  paced(90_000),
);
