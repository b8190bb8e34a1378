// The host of a page: looked for once, and again when its process has died; tasks go to whichever runs.
import { spawnSync } from "node:child_process";
import { expect, it, vi } from "vitest";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { hostOfPage, PageHost } from "../../../sdk/page-host.ts";

/** The id of a process that has ended. */
const GONE = spawnSync(process.execPath, ["--version"]).pid;

function client(pid: number) {
  const file = { pid } as never;
  return { file, beginTask: vi.fn(), updateTask: vi.fn() };
}

it("is looked for once while it lives", async () => {
  const find = vi.fn(async () => client(process.pid));
  const host = new PageHost(find);
  expect(find).not.toHaveBeenCalled();
  expect(await host.client()).toBe(await host.client());
  expect(find).toHaveBeenCalledTimes(1);
});

it("is looked for again when it has died, by tasks too", async () => {
  const [dead, next] = [client(GONE), client(process.pid)];
  const found = [dead, next];
  const host = new PageHost(async () => found.shift() ?? next);
  const sink = host.taskSink("stream_1");
  expect(await host.client()).toBe(dead);
  await sink.update("task_1", { state: "done" });
  expect(next.updateTask).toHaveBeenCalledWith("stream_1", "task_1", { state: "done" });
  await sink.begin({ name: "a" } as never);
  expect(next.beginTask).toHaveBeenCalledWith("stream_1", { name: "a" });
  expect(dead.updateTask).not.toHaveBeenCalled();
});

it("is asked for again after there was none", async () => {
  const find = vi.fn(async () => client(process.pid));
  find.mockRejectedValueOnce(new Error("none"));
  const host = new PageHost(find);
  await expect(host.client()).rejects.toThrow("none");
  expect((await host.client()).file).toEqual({ pid: process.pid });
});

it("asks the next host where the one that is there is on its way out, and gives up after three", async () => {
  const lost = new FlyBrowserError("host_lost", { reason: "its control API can't be reached" });
  const [leaving, next] = [client(process.pid), client(process.pid)];
  const again: boolean[] = [];
  const found = [leaving, next];
  const host = new PageHost(async (before) => {
    again.push(before);
    return found.shift() ?? next;
  });
  const answer = await host.ask(async (asked) => {
    if (asked === leaving) throw lost;
    return "there";
  });
  expect([answer, again]).toEqual(["there", [false, true]]);
  await expect(host.ask(() => Promise.reject(lost))).rejects.toBe(lost);
  await expect(host.ask(() => Promise.reject(new Error("else")))).rejects.toThrow("else");
});

it("names the fix when the page's browser lacks the extension", async () => {
  await expect(hostOfPage("page", [], { timeout: 10 })).rejects.toMatchObject({
    code: "page_without_extension",
    fix: expect.stringContaining("FlyBrowser.launchOptions()"),
  });
});
