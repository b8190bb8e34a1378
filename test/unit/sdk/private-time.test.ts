// When the function of private time runs, and when it doesn't.
import { expect, test } from "vitest";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import type { AnyPage } from "../../../sdk/page-target.ts";
import { PrivateTime } from "../../../sdk/private-time.ts";

/** Private time with a host that does as told. */
function privateTime(fail: { begin?: Error; end?: Error } = {}) {
  const said: string[] = [];
  const session = {
    send: async (method: string) => {
      if (method === "Page.captureScreenshot") said.push("painted");
      return { targetInfo: { targetId: "t1" } };
    },
    on: () => {},
    detach: async () => {},
  };
  const page: AnyPage = { isClosed: () => false, goto: async () => null, createCDPSession: async () => session };
  const host = {
    beginPrivate: async (_id: string, tab: object, stream_id: string | null) => {
      said.push(`begin ${JSON.stringify(tab)} ${stream_id}`);
      if (fail.begin) throw fail.begin;
    },
    endPrivate: async () => {
      said.push("end");
      if (fail.end) throw fail.end;
    },
  };
  return { time: new PrivateTime({ page, ask: (ask) => ask(host), streamId: () => "s1", others: () => [] }), said };
}
const lost = () => new FlyBrowserError("host_lost", { reason: "gone" });

test("runs between the confirmation and the page's next picture, and gives the result", async () => {
  const { time, said } = privateTime();
  expect(
    await time.run(() => {
      said.push("run");
      return 7;
    }),
  ).toBe(7);
  expect(said).toEqual(['begin {"target_id":"t1"} s1', "run", "painted", "end"]);
});

test("what throws is thrown on, and the page is shown again", async () => {
  const { time, said } = privateTime();
  const error = new TypeError("no such field");
  await expect(time.run(() => Promise.reject(error))).rejects.toBe(error);
  expect(said.slice(1)).toEqual(["painted", "end"]);
});

test("nothing runs where it isn't confirmed; what may stand of it ends with the next", async () => {
  const fail: { begin?: Error } = { begin: lost() };
  const { time, said } = privateTime(fail);
  const run = () => void said.push("run");
  await expect(time.run(run)).rejects.toMatchObject({ code: "private_unconfirmed" });
  expect(said).toHaveLength(1);
  delete fail.begin;
  await time.run(run);
  expect(said.slice(2)).toEqual(["run", "painted", "end", "end"]);
});

test("an end that fails leaves the page hidden, and the result stands", async () => {
  const { time, said } = privateTime({ end: lost() });
  expect(await time.run(() => "done")).toBe("done");
  expect(said.at(-1)).toBe("end");
});
