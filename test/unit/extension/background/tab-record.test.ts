import { beforeEach, describe, expect, it } from "vitest";
import {
  goesOn,
  NEXT_STATES,
  newRecord,
  restored,
  type TabRecord,
  TabState,
} from "../../../../extension/background/tab-record.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";

const OPTIONS = parseStartStreamOptions({ protocol: "dash" });
const IDENTITY = {
  stream_id: "s1",
  view_token: "t".repeat(22),
  started_at: 1,
  zero: 1,
  published_at: 1,
  generation: 0,
};
const STREAM: TabRecord = { ...newRecord(1, OPTIONS, "stream"), capture: "live", stream: "live", identity: IDENTITY };

const ALLOWED = {
  capture: [
    ...["starting>live", "starting>stopping", "live>recovering", "live>stopping", "recovering>live"],
    ...["recovering>recovering", "recovering>stopping", "stopping>ended"],
  ],
  stream: ["none>starting", "starting>live", "starting>stopping", "live>stopping", "stopping>none"],
  recording: [
    ...["none>starting", "none>running", "starting>running", "starting>none", "running>running", "running>none"],
  ],
} as const;

describe.each(Object.keys(ALLOWED) as (keyof typeof ALLOWED)[])("the %s of a tab", (name) => {
  const all = Object.keys(NEXT_STATES[name]);
  it.each(all.flatMap((from) => all.map((to) => [from, to] as const)))("%s to %s", (from, to) => {
    let changes = 0;
    const state = new TabState({ ...STREAM, [name]: from }, () => changes++);
    const go = () => state.change({ [name]: to });
    if ((ALLOWED[name] as readonly string[]).includes(`${from}>${to}`)) {
      go();
      expect([state.record[name], changes]).toEqual([to, 1]);
    } else {
      expect(go).toThrow(`from ${from} to ${to}`);
      expect([state.record[name], changes]).toEqual([from, 0]);
    }
  });
});

describe("after a restart of the service worker", () => {
  const left = (change: Partial<TabRecord>) => restored({ ...STREAM, ...change });
  let recorded: Partial<TabRecord>;
  beforeEach(() => {
    recorded = { recording: "running", recording_id: "r" };
  });

  it("what is wanted and was captured in order goes on", () => {
    const wanted = [{}, { capture: "recovering" }, { ...recorded, stream: "none" }] as const;
    const over = [
      { capture: "starting", stream: "starting" },
      { capture: "stopping" },
      { stream: "none" },
      { stream: "none", recording: "starting" },
    ] as const;
    expect(wanted.map((change) => goesOn(left(change)))).toEqual([true, true, true]);
    expect(over.map((change) => goesOn(left(change)))).toEqual([false, false, false, false]);
  });

  it("what was about to begin or to end beside a recording is lost with the worker", () => {
    expect(left({ ...recorded, stream: "starting" })).toMatchObject({
      stream: "none",
      recording: "running",
      identity: { published_at: null },
      options: { protocol: "hls" },
    });
    expect(left({ recording: "starting" })).toMatchObject({ stream: "live", recording: "none" });
  });
});
