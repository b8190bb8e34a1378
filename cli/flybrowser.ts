// The command `flybrowser`: which subcommands and flags there are, and the exit status.
// Never does the work of a subcommand.
import { Command, CommanderError } from "commander";
import { CODECS, PROTOCOLS } from "../protocol/options.ts";
import { QUALITIES } from "../protocol/profiles.ts";
import { SOFTWARE_VERSION } from "../protocol/version.ts";
import { BROWSER_NAMES } from "./browser-places.ts";
import { doctorCommand } from "./doctor-command.ts";
import { statusCommand, stopCommand } from "./hosts-command.ts";
import { installCommand, uninstallCommand } from "./install-command.ts";
import { listRecordingsCommand, playRecordingCommand, removeRecordingCommand } from "./recordings-command.ts";
import { errorText, say } from "./report.ts";
import { streamCommand } from "./stream-command.ts";
import { usageError } from "./usage-error.ts";

const program = new Command("flybrowser")
  .description("Streams a browser tab, live and with sound.")
  .version(SOFTWARE_VERSION)
  .option("--verbose", "show the whole story of an error")
  .configureOutput({ writeErr: () => {} })
  .exitOverride();

program
  .command("stream")
  .description("open a page in a browser of its own and stream it; without an address, the demo page")
  .argument("[url]", "address or file of the page")
  .option("--protocol <name>", `${PROTOCOLS.join(", ")} (default: hls)`)
  .option("--quality <name>", `${QUALITIES.join(", ")} (default: high)`)
  .option("--codec <name>", `${CODECS.join(", ")} (default: h264)`)
  .option("--width <px>", "width of the stream; alone: the height follows the page's shape")
  .option("--height <px>", "height of the stream")
  .option("--frame-rate <fps>", "frames a second, 1 to 60 (default: the quality's)")
  .option("--rtmp-url <url>", "where to publish with --protocol rtmp; its key comes from RTMP_STREAM_KEY")
  .option("--no-audio", "leave the sound out")
  .option("--record <file>", "record into this file too: .mp4, or .webm with --codec vp9")
  .option("--duration <seconds>", "end after so many seconds (default: with Ctrl-C)")
  .option("--headed", "show the browser's window")
  .option("--json", "results as JSON lines on stdout: first of the start, last of the stop")
  .option("--view-address <ip>", "let the network watch: an address of this machine, or 0.0.0.0 for all of them")
  .option("--executable-path <path>", "the Chromium to use")
  .option("--verbose", "show the whole story of an error")
  .action(streamCommand);

program
  .command("install")
  .description("register the host with the browsers of this user")
  .option("--browser <name>", `${BROWSER_NAMES.join(", ")} (default: all that are in use)`)
  .option("--extension-id <id>", "an extension id that may start the host too")
  .action(installCommand);

program
  .command("uninstall")
  .description("take back what install wrote")
  .option("--browser <name>", "for this browser only")
  .action(uninstallCommand);

program
  .command("doctor")
  .description("check everything that is needed, and say what to do")
  .option("--json", "the checks as one JSON line on stdout")
  .action(doctorCommand);

program
  .command("status")
  .description("show the streams that run")
  .option("--json", "as one JSON line on stdout")
  .action(statusCommand);

program
  .command("stop")
  .description("stop one stream, or all")
  .argument("[stream_id]", "as shown by status")
  .option("--json", "results as JSON lines on stdout")
  .action(stopCommand);

const recordings = program.command("recordings").description("show, play and remove what was recorded");

recordings
  .command("list", { isDefault: true })
  .description("show all, the youngest first")
  .option("--json", "as one JSON line on stdout")
  .action(listRecordingsCommand);

recordings
  .command("play")
  .description("open one in the system's player")
  .argument("[recording_id]", "as shown by list, or its beginning (default: the youngest)")
  .action(playRecordingCommand);

recordings
  .command("remove")
  .description("delete one: the file, and what is kept of an unfinished one")
  .argument("<recording_id>", "as shown by list, or its beginning")
  .option("--keep-file", "only forget it")
  .action(removeRecordingCommand);

// Which command the flags are for: an error that commander throws doesn't say it.
let parsing: Command = program;
for (const parent of [program, recordings]) {
  parent.hook("preSubcommand", (_parent, command) => {
    parsing = command;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  const fine = error instanceof CommanderError && error.exitCode === 0;
  if (!fine) say(errorText(usageError(error, parsing)));
  process.exitCode = fine ? 0 : 1;
}
// Whatever a library still holds open must not keep a finished command alive. stdout may be a pipe: let it empty.
process.stdout.write("", () => process.exit());
