// What a model is told of the tools, and the errors that it gets for wrong arguments, without a host.
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { AttachedBrowsers } from "../../../../cli/mcp/attached-browsers.ts";
import { OwnBrowser } from "../../../../cli/mcp/own-browser.ts";
import { tool } from "../../../../cli/mcp/tool.ts";
import { tools } from "../../../../cli/mcp/tools.ts";

const browser = new OwnBrowser({ headed: false, executable_path: undefined, debugging_port: null });
const all = tools(browser, new AttachedBrowsers(null));
const CALL = { progress: () => {}, signal: new AbortController().signal };
const thrownBy = (name: string, input: unknown) =>
  all[name]?.call(input, CALL).then(
    () => null,
    (error: unknown) => error,
  );

describe("arguments", () => {
  test("are an object's schema for each tool, with nothing that isn't known", () => {
    for (const [name, { schema, description }] of Object.entries(all)) {
      expect(schema, name).toMatchObject({ type: "object", additionalProperties: false });
      expect(description.length, name).toBeGreaterThan(20);
    }
    expect(all.start_stream?.schema).toMatchObject({
      required: ["tab_id"],
      properties: { share: { enum: expect.anything() } },
    });
  });

  test.each([
    ["start_stream", { tab_id: 1, frame_rate: 90 }, "invalid_option", "frame_rate"],
    ["start_stream", { tab_id: 1, colour: "red" }, "unknown_option", "colour"],
    ["start_stream", { tab_id: "one" }, "invalid_option", "tab_id"],
    ["create_link", { stream_id: "a", allow: "all" }, "invalid_option", "allow"],
    ["start_recording", { tab_id: 1, format: "gif" }, "invalid_option", "format"],
    ["end_task", { stream_id: "a", task_id: "b", state: "open" }, "invalid_option", "state"],
    ["hand_off", { stream_id: "a", reason: "Log in", timeout: 0 }, "invalid_option", "timeout"],
    ["clip", { stream_id: "a", format: "webm" }, "invalid_option", "format"],
    ["list_tabs", { all: true }, "unknown_option", "all"],
    ["open_tab", { url: "no address" }, "invalid_option", "url"],
  ])("%s %j: %s, naming %s", async (name, input, code, option) => {
    expect(await thrownBy(name, input)).toMatchObject({ code, details: { option } });
  });

  test.each([
    [
      "stop_stream",
      {},
      "Option stream_id: nothing is not allowed. Allowed: Id of a stream, as start_stream and list_streams give it.",
    ],
    [
      "set_sharing",
      { stream_id: "a", share: "all" },
      'Option share: "all" is not allowed. Allowed: this-computer, network, internet.',
    ],
    ["begin_task", { stream_id: "a" }, "Option name: nothing is not allowed. Allowed: string."],
    ["list_tabs", { all: true }, "Unknown option all. Known options: nothing."],
  ])("%s %j: a model can read what is wrong", async (name, input, message) => {
    expect(await thrownBy(name, input)).toMatchObject({ message });
  });

  test("no arguments at all are none", async () => {
    const nothing = tool({ description: "nothing" }, { at: v.optional(v.number()) }, async (args) => args);
    expect(await nothing.call(undefined, CALL)).toEqual({});
  });
});
