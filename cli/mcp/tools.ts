// The tools of the MCP server: what the SDK and the control API do, for a model. Field names are those of the SDK.
import * as v from "valibot";
import { sleep } from "../../protocol/async.ts";
import { type ClipOptions, ClipOptionsSchema, parseClipOptions } from "../../protocol/clips.ts";
import { HandOffOptionsSchema, parseHandOffOptions } from "../../protocol/control-messages.ts";
import { deserializeError, FlyBrowserError } from "../../protocol/errors.ts";
import { CreateLinkOptionsSchema, parseLinkOptions } from "../../protocol/links.ts";
import {
  parseQuality,
  parseShare,
  parseStartRecordingOptions,
  parseStartStreamOptions,
  ShareSchema,
  type StartRecordingOptions,
  StartRecordingOptionsSchema,
  type StartStreamOptions,
  StartStreamOptionsSchema,
} from "../../protocol/options.ts";
import { QUALITIES } from "../../protocol/profiles.ts";
import type { StopRecordingResultInWords as StopRecordingResult } from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import { BeginTaskSchema, UpdateTaskRequestSchema } from "../../protocol/task-messages.ts";
import { withGrant } from "../../sdk/capture-grant.ts";
import type { AttachedBrowsers } from "./attached-browsers.ts";
import type { OwnBrowser } from "./own-browser.ts";
import { allStreams, allTabs, findTab, hostOfStream, stopRecording } from "./running.ts";
import { screenshot } from "./screenshot.ts";
import { type Progress, type Tool, tool, toolWithOptions } from "./tool.ts";

/** ms between two looks at a recording that is being finished. */
const POLL_INTERVAL = 500;

const describe = <S extends v.GenericSchema>(schema: S, text: string) => v.pipe(schema, v.description(text));
const stream_id = describe(v.string(), "Id of a stream, as start_stream and list_streams give it");
const tab = {
  tab_id: describe(v.number(), "Id of a tab, as list_tabs and open_tab give it"),
  host: v.optional(
    describe(v.number(), "Its browser, as list_tabs names it; needed only where two have a tab of that id"),
  ),
};

async function finished(recording_id: string, progress: Progress): Promise<StopRecordingResult> {
  const { host, result } = await stopRecording(recording_id);
  let last = result;
  while (last.status === "finishing") {
    progress("Finishing the file", last.progress ?? 0);
    await sleep(POLL_INTERVAL);
    last = await host.getRecording(recording_id);
  }
  if (last.status === "failed" && last.error) throw deserializeError(last.error);
  return last;
}

/** The tools, by name. `browser` is where `open_tab` opens them, `attached` those that others drive. */
export function tools(browser: OwnBrowser, attached: AttachedBrowsers): Record<string, Tool> {
  const driverOf = async (id: string | null) => (await browser.driverOf(id)) ?? (await attached.driverOf(id));
  const driverOfStream = async (id: string) => {
    const found = (await allTabs()).find((each) => each.stream_id === id);
    return driverOf(found?.target_id ?? null);
  };
  return {
    list_tabs: tool(
      {
        description:
          "The tabs of every browser on this computer that has FlyBrowser Stream. not_capturable says why a tab can't be streamed, or is null; stream_id is its stream, if it has one.",
        reads: true,
      },
      {},
      async () => {
        await attached.ready();
        return { tabs: await allTabs() };
      },
    ),
    attach_browser: tool(
      {
        description:
          "Attaches to a browser that runs already and that another program or MCP server drives, by its DevTools address, and gives its tabs. It needs to have been started with --remote-debugging-port and without --disable-extensions.",
      },
      { cdp_url: describe(v.string(), "As http://127.0.0.1:9222, or the ws:// address of the browser") },
      async ({ cdp_url }, { progress }) => {
        progress("Attaching to the browser");
        const ids = await attached.attach(cdp_url);
        return { tabs: (await allTabs()).filter(({ target_id }) => target_id !== null && ids.includes(target_id)) };
      },
    ),
    open_tab: tool(
      {
        description:
          "Opens a page in a tab of a browser of this server's own, which is started when it is first needed and ends with the server.",
      },
      { url: describe(v.pipe(v.string(), v.url("an address, as https://example.com")), "Address of the page") },
      async ({ url }, { progress }) => {
        progress("Opening the page");
        return browser.open(url);
      },
    ),
    start_stream: toolWithOptions(
      {
        description:
          "Streams a tab live, with sound, and gives the link for people (player_url). share says who can open it: this-computer (default), network, internet. In a person's own browser, that person has to click the FlyBrowser Stream button on the tab first.",
      },
      tab,
      StartStreamOptionsSchema.entries,
      async ({ tab_id, host: pid }, given, { progress }) => {
        parseStartStreamOptions(given);
        await attached.ready();
        const { host, tab: found } = await findTab(tab_id, pid);
        const driver = await driverOf(found.target_id);
        progress("Starting the stream");
        if (driver) return driver.startStream(given as StartStreamOptions);
        return host.startStream({ tab_id }, given as StartStreamOptions);
      },
    ),
    stop_stream: tool(
      { description: "Stops a stream and gives its totals." },
      { stream_id },
      async ({ stream_id: id }, { progress }) => {
        const { host } = await hostOfStream(id);
        const driver = await driverOfStream(id);
        progress("Stopping the stream");
        return driver ? driver.stopStream() : host.stopStream(id);
      },
    ),
    list_streams: tool(
      { description: "All streams that run, with state, health, viewers, links and tasks.", reads: true },
      {},
      async () => ({ streams: await allStreams() }),
    ),
    get_stream_status: tool(
      { description: "State, health, viewers, links and tasks of one stream.", reads: true },
      { stream_id },
      async ({ stream_id: id }) => (await hostOfStream(id)).stream,
    ),
    set_sharing: tool(
      {
        description:
          "Changes who can open the links of a stream while it is live. The new link was tried when this returns.",
      },
      { stream_id, share: ShareSchema },
      async ({ stream_id: id, share }, { progress }) => {
        progress("Trying the link");
        return (await hostOfStream(id)).host.setSharing(id, parseShare(share));
      },
    ),
    set_quality: tool(
      {
        description:
          "Changes the quality of a stream while it is live; whoever watches goes on. Not into lossless or out of it. Viewers get a " +
          "picture in it when this returns.",
      },
      { stream_id, quality: v.picklist(QUALITIES) },
      async ({ stream_id: id, quality }, { progress }) => {
        progress("Changing the quality");
        return (await hostOfStream(id)).host.setQuality(id, parseQuality(quality));
      },
    ),
    create_link: toolWithOptions(
      { description: "Makes one more link of a stream: with a name, for expires_in seconds." },
      { stream_id },
      CreateLinkOptionsSchema.entries,
      async ({ stream_id: id }, given) => {
        const options = parseLinkOptions(given);
        return (await hostOfStream(id)).host.createLink(id, options);
      },
    ),
    revoke_link: tool(
      { description: "Ends a link at once, and what is open by it." },
      { stream_id, link_id: v.string() },
      async ({ stream_id: id, link_id }) => (await hostOfStream(id)).host.revokeLink(id, link_id),
    ),
    hand_off: toolWithOptions(
      {
        description:
          "Asks a person to take over a tab of this server's own browser (a second factor, a captcha, a payment), and waits until they are done: outcome is done, declined or timeout, note is what they wrote. Make the link for that person first: create_link with allow: control.",
      },
      { stream_id },
      HandOffOptionsSchema.entries,
      async ({ stream_id: id }, given, { progress, signal }) => {
        const options = parseHandOffOptions(given);
        await hostOfStream(id);
        const driver = await driverOfStream(id);
        if (!driver) {
          const what = sentence("mcp.hand_off");
          const [reason, instead] = [sentence("mcp.other_browser"), sentence("mcp.use_own")];
          throw new FlyBrowserError("unsupported_combination", { what, reason, instead });
        }
        progress("Waiting for a person");
        return driver.handOff(options, signal);
      },
    ),
    clip: toolWithOptions(
      {
        description:
          "Makes a file of what viewers of a stream can rewind to, while it goes on: of a task (task_id), or the last seconds. png is one picture.",
      },
      { stream_id },
      ClipOptionsSchema.entries,
      async ({ stream_id: id }, given, { progress }) => {
        parseClipOptions(given);
        progress("Making the clip");
        return (await hostOfStream(id)).host.clip(id, given as ClipOptions);
      },
    ),
    begin_task: tool(
      {
        description:
          "Tells viewers what is being done: a task stands in the player's list and on the timeline until end_task ends it. parent_id makes it a step of another one.",
      },
      {
        stream_id,
        name: BeginTaskSchema.entries.name,
        detail: v.optional(v.string()),
        parent_id: BeginTaskSchema.entries.parent_id,
      },
      async ({ stream_id: id, ...task }) => (await hostOfStream(id)).host.beginTask(id, task),
    ),
    end_task: tool(
      {
        description:
          "Ends a task, as done unless state says failed. detail says what came out. With clip, an MP4 of the task is made: clip of the result names it.",
      },
      {
        stream_id,
        task_id: v.string(),
        state: v.optional(v.picklist(["done", "failed"]), "done"),
        detail: UpdateTaskRequestSchema.entries.detail,
        clip: UpdateTaskRequestSchema.entries.clip,
      },
      async ({ stream_id: id, task_id, clip, ...change }, { progress }) => {
        const { host } = await hostOfStream(id);
        const ended = await host.updateTask(id, encodeURIComponent(task_id), change);
        if (!clip) return ended;
        progress("Making the clip");
        return host.clipTask(id, encodeURIComponent(task_id));
      },
    ),
    start_recording: toolWithOptions(
      {
        description:
          "Records a tab, streamed or not, to a file with chapters. path is absolute; without it the file goes to the videos folder.",
      },
      tab,
      StartRecordingOptionsSchema.entries,
      async ({ tab_id, host: pid }, given, { progress }) => {
        parseStartRecordingOptions(given);
        await attached.ready();
        const { host, tab: found } = await findTab(tab_id, pid);
        progress("Starting to record");
        const begin = () => host.recordTab({ tab_id }, given as StartRecordingOptions);
        const driver = await driverOf(found.target_id);
        return driver ? withGrant(driver.page, async () => found.target_id ?? "", begin) : begin();
      },
    ),
    stop_recording: tool(
      { description: "Ends a recording and gives its file once it is complete." },
      { recording_id: v.string() },
      async ({ recording_id }, { progress }) => finished(recording_id, progress),
    ),
    screenshot: tool(
      {
        description: "What viewers of a stream see: a JPEG of its newest keyframe, at most a few seconds old.",
        reads: true,
      },
      { stream_id },
      async ({ stream_id: id }) => {
        const { host, stream } = await hostOfStream(id);
        return screenshot(host, stream);
      },
    ),
  };
}
