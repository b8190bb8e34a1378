import { beforeEach, describe, expect, test, vi } from "vitest";
import { originNow, StreamClock } from "../../../../native-host/media/stream-clock.ts";
import { ControlDesk, type Person } from "../../../../native-host/stream/control-desk.ts";
import { TaskStore } from "../../../../native-host/stream/task-store.ts";
import type { HostMessage, Input, Picker, ProgramEvent } from "../../../../protocol/control-messages.ts";

const INPUT: Input = { type: "text", text: "a" };

let tasks: TaskStore;
let desk: ControlDesk;
let changes: number;

beforeEach(() => {
  changes = 0;
  tasks = new TaskStore("one", new StreamClock(originNow()));
  desk = new ControlDesk("one", tasks, () => changes++);
  tasks.controlledBy = () => desk.holder;
});

function program(reason: string | null, timeout: number | null = 300) {
  const heard: ProgramEvent[] = [];
  let closed = 0;
  const withdraw = desk.open({ reason, timeout, tell: (event) => heard.push(event), close: () => closed++ });
  return { heard, withdraw, names: () => heard.map(({ name }) => name), closed: () => closed };
}

function sit(name: string | null = "Ada") {
  const told: HostMessage[] = [];
  const person: Person = { link_id: `link_${name}`, name, tell: (message) => told.push(message) };
  const seat = desk.join(person);
  return { ...seat, told, state: () => told.findLast(({ type }) => type === "control") };
}

const taskOf = (name: string) => tasks.list().find((task) => task.name === name);

test("nobody steers before a program asks or allows it, and nobody after it is over", () => {
  const ada = sit();
  ada.take();
  expect(ada.state()).toMatchObject({ state: "closed" });
  expect([ada.input(INPUT), desk.status]).toEqual([false, null]);
  const asks = program("Log in");
  expect(ada.input(INPUT)).toBe(false);
  ada.take();
  expect(ada.input(INPUT)).toBe(true);
  ada.done("ready");
  expect(ada.input(INPUT)).toBe(false);
  expect(asks.heard.at(-1)).toEqual({ name: "ended", data: { outcome: "done", note: "ready" } });
  expect(asks.names()).toEqual(["taken", "input", "released", "ended"]);
  expect([ada.state()?.type === "control" && ada.state(), desk.status, asks.closed()]).toMatchObject([
    { state: "closed" },
    null,
    1,
  ]);
});

test("one person at a time; whoever comes next may once it is free", () => {
  const asks = program("Log in");
  const [ada, bob] = [sit("Ada"), sit("Bob")];
  expect(bob.state()).toMatchObject({ state: "open", reason: "Log in" });
  ada.take();
  bob.take();
  expect([ada.state(), bob.state()]).toMatchObject([{ state: "yours" }, { state: "taken", by: "Ada" }]);
  bob.done("no");
  bob.decline("no");
  expect(bob.input(INPUT)).toBe(false);
  expect(desk.status).toEqual({ state: "taken", reason: "Log in", by: "Ada" });
  ada.leave();
  expect(bob.state()).toMatchObject({ state: "open" });
  expect(taskOf("Ada has taken over")).toMatchObject({ state: "failed", detail: "left without giving it back" });
  bob.take();
  expect(bob.state()).toMatchObject({ state: "yours" });
  expect(asks.names()).toEqual(["taken", "released", "taken"]);
});

test("declined; a second hand-off beside the first is refused, and may follow it", () => {
  const asks = program("Log in");
  expect(() => program("Pay")).toThrow(expect.objectContaining({ code: "hand_off_active" }));
  const ada = sit();
  ada.decline("not mine");
  expect(asks.heard).toEqual([{ name: "ended", data: { outcome: "declined", note: "not mine" } }]);
  expect(taskOf("Waiting for a person: Log in")).toMatchObject({ state: "failed", detail: "not mine" });
  program("Pay");
  expect(ada.state()).toMatchObject({ state: "open", reason: "Pay" });
});

test("the time is up: whoever has control has it no more", () => {
  vi.useFakeTimers();
  try {
    const asks = program("Log in", 5);
    const ada = sit();
    expect(ada.state()).toMatchObject({ ends_in: 5 });
    ada.take();
    vi.advanceTimersByTime(5_000);
    expect(ada.input(INPUT)).toBe(false);
    expect(asks.heard.at(-1)).toEqual({ name: "ended", data: { outcome: "timeout", note: "" } });
    expect(taskOf("Ada has taken over")).toMatchObject({ state: "failed", detail: "the time was up" });
  } finally {
    vi.useRealTimers();
  }
});

describe("allowed without being asked", () => {
  test("comes and goes without an end, and can't be declined", () => {
    const allows = program(null, null);
    const ada = sit(null);
    ada.decline("no");
    expect(ada.state()).toMatchObject({ state: "open", reason: null, ends_in: null });
    for (let time = 0; time < 2; time++) {
      ada.take();
      ada.done("");
    }
    expect(allows.names()).toEqual(["taken", "released", "taken", "released"]);
    expect(taskOf("A person has taken over")).toMatchObject({ state: "done" });
    expect(allows.closed()).toBe(0);
  });

  test("whoever has it when a hand-off begins keeps it, for that", () => {
    const allows = program(null, null);
    const ada = sit();
    ada.take();
    const asks = program("Pay");
    expect(ada.state()).toMatchObject({ state: "yours", reason: "Pay" });
    ada.input(INPUT);
    ada.done("paid");
    expect([allows.names(), asks.names()]).toEqual([
      ["taken", "released"],
      ["taken", "input", "released", "ended"],
    ]);
    expect(ada.state()).toMatchObject({ state: "open", reason: null });
  });
});

test("a program that is gone, and a stream that is over, take it from everybody", () => {
  const asks = program("Log in");
  const ada = sit();
  ada.take();
  asks.withdraw();
  expect([ada.input(INPUT), ada.state()]).toMatchObject([false, { state: "closed" }]);
  const allows = program(null, null);
  ada.take();
  desk.end();
  expect([ada.input(INPUT), allows.closed(), desk.status]).toEqual([false, 1, null]);
  expect(tasks.list().filter(({ state }) => state === "running")).toEqual([]);
});

test("tasks that begin meanwhile are marked; each take-over is one of them", () => {
  program("Log in");
  const ada = sit();
  ada.take();
  tasks.begin({ name: "Read" });
  ada.done("");
  tasks.begin({ name: "Write" });
  expect(taskOf("Read")?.controlled_by).toBe("Ada");
  expect(taskOf("Write")?.controlled_by).toBeUndefined();
  expect(taskOf("Ada has taken over")?.parent_id).toBe(taskOf("Waiting for a person: Log in")?.task_id);
  expect(changes).toBeGreaterThan(2);
});

test("a picker is shown to whoever has control, and to nobody else", () => {
  const picker: Picker = {
    picker_id: 1,
    kind: "select",
    label: "Place",
    choices: [],
    chosen: -1,
    value: "",
    min: "",
    max: "",
  };
  program("Log in");
  const [ada, bob] = [sit("Ada"), sit("Bob")];
  expect(desk.show(picker)).toBe(false);
  ada.take();
  expect(desk.show(picker)).toBe(true);
  expect(ada.told).toContainEqual({ type: "picker", picker });
  expect(bob.told.some(({ type }) => type === "picker")).toBe(false);
});
