// The command `flybrowser`: its subcommands and flags, and the exit status.
import { Command, CommanderError } from "commander";
import { CLIP_FORMATS } from "../protocol/clips.ts";
import { SERVICE_NAMES } from "../protocol/destination-services.ts";
import { LINK_ALLOWS } from "../protocol/links.ts";
import { CODECS, FOLLOWS, MUTED_TABS, PROTOCOLS, RENDITIONS, SHARES } from "../protocol/options.ts";
import { QUALITIES } from "../protocol/profiles.ts";
import { SOFTWARE_VERSION } from "../protocol/version.ts";
import { attachCommand } from "./attach-command.ts";
import { BROWSER_NAMES } from "./browser-paths.ts";
import { clipCommand } from "./clip-command.ts";
import { addDestinationCommand, listDestinationsCommand, removeDestinationCommand } from "./destinations-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { statusCommand, stopCommand } from "./hosts-command.ts";
import { installCommand, uninstallCommand } from "./install-command.ts";
import { createLinkCommand, listLinksCommand, revokeLinkCommand } from "./links-command.ts";
import type { McpFlags } from "./mcp-command.ts";
import { qualityCommand } from "./quality-command.ts";
import {
  finishRecordingsCommand,
  listRecordingsCommand,
  playRecordingCommand,
  removeRecordingCommand,
} from "./recordings-command.ts";
import { errorText, printFailure, Reported, say } from "./report.ts";
import { streamCommand } from "./stream-command.ts";
import { usageError } from "./usage.ts";

/** What addresses of destinations begin with. */
const SCHEMES = "rtmp://, rtmps://, srt://, whip+https://, s3://, hls+https://";

const program = new Command("flybrowser")
  .description("Stream a browser tab, live and with sound.")
  .version(SOFTWARE_VERSION)
  .option("--verbose", "show the stack trace and the causes of an error")
  .configureOutput({ writeErr: () => {} })
  .exitOverride();

/** Adds the flags of a stream. */
const withStreamFlags = (command: Command): Command =>
  command
    .option("--protocol <name>", `${PROTOCOLS.join(", ")} (default: hls)`)
    .option("--quality <name>", `${QUALITIES.join(", ")} (default: high)`)
    .option("--codec <name>", `${CODECS.join(", ")} (default: h264)`)
    .option("--width <px>", "video width; without --height the aspect ratio of the page is kept")
    .option("--height <px>", "video height; without --width the aspect ratio of the page is kept")
    .option("--frame-rate <fps>", "frame rate, 1 to 60 (default: that of the quality)")
    .option("--rtmp-url <url>", "RTMP server for --protocol rtmp; the stream key is read from RTMP_STREAM_KEY")
    .option(
      "--to <[name=]url>",
      `also send it there, repeatable: ${SCHEMES}, or ${SERVICE_NAMES.join(", ")}; the key is read from FLYBROWSER_KEY_<NAME>`,
      (url: string, before: string[] | undefined) => [...(before ?? []), url],
    )
    .option("--no-audio", "stream without sound")
    .option(
      "--muted-tab <how>",
      `${MUTED_TABS.join(", ")}: what viewers hear of a tab that its user mutes (default: silent)`,
    )
    .option(
      "--renditions <which>",
      `${RENDITIONS.join(", ")}: lower qualities for slow connections, or none (default: auto)`,
    )
    .option(
      "--follow <which>",
      `${FOLLOWS.join(", ")}: stay with the page, or go along to the tab in front (default: page)`,
    )
    .option("--record <file>", "also record to this file: .mp4, or .webm with --codec vp9")
    .option("--record-frame-rate <number>", "evenly spaced frames in the recording, for editors: 1 to 60 a second")
    .option("--duration <seconds>", "stop after this many seconds (default: on Ctrl-C)")
    .option("--json", "print results as JSON lines to stdout: the start result first, the stop result last")
    .option("--trace", "show how long each step of the start took")
    .option(
      "--watch-url <[name=]url>",
      "where people watch what goes to a --to: its page, or its playlist; a way of --share internet (repeatable)",
      (value: string, before: string[] = []) => [...before, value],
    )
    .option("--share <who>", `who can open the links: ${SHARES.join(", ")} (default: this-computer)`);

withStreamFlags(program.command("stream"))
  .description("open a page in a new browser and stream it (default: the demo page)")
  .argument("[url]", "URL or file to open")
  .option("--headed", "show the browser window")
  .option("--view-address <ip>", "let viewers on the network watch: an IP address of this machine, or 0.0.0.0 for all")
  .option("--executable-path <path>", "Chromium executable to use")
  .option("--verbose", "show the stack trace and the causes of an error")
  .action(streamCommand);

withStreamFlags(program.command("attach"))
  .description("stream a tab of a browser that runs already, by its DevTools address")
  .argument("<cdp-url>", "http://127.0.0.1:9222, or the ws:// address that the browser prints")
  .option("--tab <text>", "the tab with this in its address or title (default: the one in front)")
  .option("--verbose", "show the stack trace and the causes of an error")
  .action(attachCommand);

program
  .command("install")
  .description("register the native host with your browsers")
  .option("--browser <name>", `${BROWSER_NAMES.join(", ")} (default: all that you use)`)
  .option("--extension-id <id>", "also allow the extension with this id to start the host")
  .option("--with-ffmpeg", "fetch an FFmpeg if there is none")
  .action(installCommand);

program
  .command("uninstall")
  .description("remove what install has set up")
  .option("--browser <name>", "only for this browser")
  .action(uninstallCommand);

program
  .command("doctor")
  .description("check the installation and suggest fixes")
  .option("--bundle <file>", "also write a zip for a bug report, without keys and tokens")
  .option("--json", "print the findings as one JSON line to stdout")
  .action(doctorCommand);

program
  .command("status")
  .description("show running streams")
  .option("--json", "print as one JSON line to stdout")
  .action(statusCommand);

program
  .command("stop")
  .description("stop a stream")
  .argument("[stream_id]", "id shown by status (default: all streams)")
  .option("--json", "print results as JSON lines to stdout")
  .action(stopCommand);

program
  .command("quality")
  .description("change the quality of a running stream; whoever watches goes on")
  .argument("<name>", QUALITIES.join(", "))
  .option("--stream <stream_id>", "id shown by status (default: the only stream)")
  .option("--json", "print as one JSON line to stdout")
  .action(qualityCommand);

program
  .command("clip")
  .description("make a file of the last seconds of a running stream, or of one of its tasks")
  .option("--stream <stream_id>", "id shown by status (default: the only stream)")
  .option("--seconds <seconds>", "how far back (default: 30)")
  .option("--task <task_id>", "the stretch of this task instead")
  .option("--format <name>", `${CLIP_FORMATS.join(", ")} (default: mp4)`)
  .option("--json", "print as one JSON line to stdout")
  .action(clipCommand);

program
  .command("mcp")
  .description("serve the Model Context Protocol on stdin and stdout, for an agent that streams tabs")
  .option("--headed", "show the window of the browser that it opens tabs in")
  .option("--executable-path <path>", "Chromium executable to use")
  .option(
    "--debugging-port <port>",
    "start that browser at once, and let other programs of yours drive it by this port",
  )
  .option(
    "--cdp-endpoint <url>",
    "the DevTools address of a browser that another program drives: its tabs can be streamed",
  )
  // Its library takes longer to begin than all of the rest, which the other commands needn't wait for.
  .action(async (flags: McpFlags) => (await import("./mcp-command.ts")).mcpCommand(flags));

const destinations = program.command("destinations").description("list, add and remove where running streams go");

destinations
  .command("list", { isDefault: true })
  .description("list them, with their states")
  .option("--stream <stream_id>", "only of this stream")
  .option("--json", "print as one JSON line to stdout")
  .action(listDestinationsCommand);

destinations
  .command("add")
  .description("send a running stream there as well")
  .argument("<[name=]url>", "as for --to of stream; the key is read from FLYBROWSER_KEY_<NAME>")
  .option("--watch-url <url>", "where people watch it: its page, or its playlist")
  .option("--stream <stream_id>", "id shown by status (default: the only stream)")
  .option("--json", "print as one JSON line to stdout")
  .action(addDestinationCommand);

destinations
  .command("remove")
  .description("stop sending it there")
  .argument("<destination_id>", "id shown by list")
  .option("--json", "print as one JSON line to stdout")
  .action(removeDestinationCommand);

const links = program.command("links").description("list, make and revoke the links of running streams");

links
  .command("list", { isDefault: true })
  .description("list all links, with who watches by each")
  .option("--json", "print as one JSON line to stdout")
  .action(listLinksCommand);

links
  .command("create")
  .description("make one more link of a stream")
  .option("--stream <stream_id>", "id shown by status (default: the only stream)")
  .option("--name <name>", "whom it is for")
  .option("--expires-in <seconds>", "how long it works (default: until the stream ends)")
  .option("--allow <what>", `${LINK_ALLOWS.join(", ")} (default: view)`)
  .option("--json", "print as one JSON line to stdout")
  .action(createLinkCommand);

links
  .command("revoke")
  .description("end a link at once, and what is open by it")
  .argument("<link_id>", "id shown by list")
  .option("--json", "print as one JSON line to stdout")
  .action(revokeLinkCommand);

const recordings = program.command("recordings").description("list, play, finish and remove recordings");

recordings
  .command("list", { isDefault: true })
  .description("list all recordings, newest first")
  .option("--json", "print as one JSON line to stdout")
  .action(listRecordingsCommand);

recordings
  .command("play")
  .description("open a recording in your media player")
  .argument("[recording_id]", "id shown by list, or the beginning of it (default: the newest)")
  .action(playRecordingCommand);

recordings
  .command("finish")
  .description("make the files of recordings whose browser or host has died")
  .option("--json", "print as one JSON line to stdout")
  .action(finishRecordingsCommand);

recordings
  .command("remove")
  .description("delete a recording and its file, or discard an unfinished one")
  .argument("[recording_id]", "id shown by list, or the beginning of it")
  .option("--keep-file", "keep the file and only remove it from the list")
  .option("--gone", "take all off the list whose file is gone")
  .action(removeRecordingCommand);

// The command whose flags are being parsed: commander's errors don't say.
let parsing: Command = program;
for (const parent of [program, destinations, recordings, links]) {
  parent.hook("preSubcommand", (_parent, command) => {
    parsing = command;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  const asked = error instanceof CommanderError && error.exitCode === 0; // help, or the version
  if (process.argv.length === 2) say(program.helpInformation());
  else if (!asked) {
    const failure = error instanceof Reported ? error.cause : usageError(error, parsing);
    say(errorText(failure));
    if (process.argv.includes("--json") && !(error instanceof Reported)) printFailure(failure);
  }
  process.exitCode = asked ? 0 : 1;
}
// A finished command exits, whatever a library still holds open, once stdout, which may be a pipe, is flushed.
process.stdout.write("", () => process.exit());
