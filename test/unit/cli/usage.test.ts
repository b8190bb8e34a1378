// How a command is misspelt, and what is said: what is missing, what is too much, what was meant.
import { Command } from "commander";
import { expect, test } from "vitest";
import { errorText } from "../../../cli/report.ts";
import { usageError } from "../../../cli/usage.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";

/** A command as ours is made, and what it says about these words. */
function said(...words: string[]): string {
  const program = new Command("fly").exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  program
    .command("stream")
    .argument("[url]")
    .option("--width <px>", "width")
    .action(() => {});
  const links = program.command("links");
  links.command("list", { isDefault: true }).action(() => {});
  links
    .command("revoke")
    .argument("<link_id>")
    .action(() => {});
  let parsing: Command = program;
  for (const parent of [program, links]) {
    parent.hook("preSubcommand", (_parent, command) => {
      parsing = command;
    });
  }
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    return errorText(usageError(error, parsing));
  }
  return "";
}

test.each([
  [["strem"], "✗ The command fly can't be run like that: it has no command strem.\n  Did you mean stream?"],
  [["help", "strem"], "✗ The command fly can't be run like that: it has no command strem.\n  Did you mean stream?"],
  [
    ["links", "revok"],
    "✗ The command fly links can't be run like that: it has no command revok.\n  Did you mean revoke?",
  ],
  [
    ["links", "zebra"],
    "✗ The command fly links can't be run like that: it has no command zebra, only list, revoke.\n  Run `fly links --help` to see how it is written.",
  ],
  [
    ["https://a.example"],
    "✗ The command fly can't be run like that: it has no command https://a.example.\n  Did you mean flybrowser stream https://a.example?",
  ],
  [
    ["stream", "a", "b"],
    "✗ The command fly stream can't be run like that: there is a word too many, b.\n  Run `fly stream --help` to see how it is written.",
  ],
  [
    ["stream", "--width"],
    "✗ The command fly stream can't be run like that: --width <px> needs a value.\n  Run `fly stream --help` to see how it is written.",
  ],
  [
    ["links", "revoke"],
    "✗ The command fly links revoke can't be run like that: <link_id> is missing.\n  Run `fly links revoke --help` to see how it is written.",
  ],
  [
    ["stream", "--widht", "3"],
    "✗ The command fly stream can't be run like that: it has no option --widht.\n  Did you mean --width?",
  ],
  [
    ["stream", "--colour", "red"],
    "✗ The command fly stream can't be run like that: it has no option --colour.\n  Run `fly stream --help` to see how it is written.",
  ],
  [["stream", "a"], ""],
])("%j", (words, text) => expect(said(...words)).toBe(text));

test("a value with a slip in it", () => {
  const said = (value: string, allowed = "low, medium, ultra_high") =>
    errorText(new FlyBrowserError("invalid_option", { option: "--quality", value: JSON.stringify(value), allowed }));
  expect(said("hgih", "medium, high")).toBe(
    '✗ Option --quality: "hgih" is not allowed. Allowed: medium, high.\n  Did you mean high?',
  );
  expect(said("Medium")).toMatch(/Did you mean medium\?$/);
  expect(said("ultra-high")).toMatch(/Did you mean ultra_high\?$/);
  for (const text of [said("zebra"), said("1001", "an even number from 16 to 7680"), said("a b")]) {
    expect(text).toMatch(/\n {2}Correct the option and try again\.$/);
  }
});
