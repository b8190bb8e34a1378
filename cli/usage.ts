// How the command was misspelt: commander's errors, as errors of ours that say what is allowed, or what was meant.
import { Command, CommanderError } from "commander";
import { FlyBrowserError } from "../protocol/errors.ts";
import { sentence, type Words } from "../protocol/sentence.ts";

/** All flags of a command and its parents. */
function flagsOf(command: Command): string {
  const flags: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) {
    flags.push(
      ...at
        .createHelp()
        .visibleOptions(at)
        .map((option) => option.flags),
    );
  }
  return [...new Set(flags)].join(", ");
}

/** As it is typed: `flybrowser links create`. */
function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

/** The error for a word that is no command of `parent`, with what commander thinks was meant as its cause. */
function unknownCommand(parent: Command, word: string): FlyBrowserError {
  const names = parent.commands.map((each) => each.name());
  // One without a default command tells what is like the word.
  const twin = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const name of names) twin.command(name);
  let cause: unknown;
  try {
    twin.parse([word], { from: "user" });
  } catch (error) {
    cause = error;
  }
  const reason = sentence("usage.no_command", { word, allowed: names.join(", ") });
  return new FlyBrowserError("command_misused", { command: nameOf(parent), reason }, { cause });
}

/** What commander throws as an error of ours; `command`: the one that was being read. Anything else unchanged. */
export function usageError(thrown: unknown, command: Command): unknown {
  if (!(thrown instanceof CommanderError)) return thrown;
  const misused = (reason: Words) =>
    new FlyBrowserError("command_misused", { command: nameOf(command), reason }, { cause: thrown });
  const named = /'([^']*)'/.exec(thrown.message)?.[1] ?? "";
  switch (thrown.code) {
    case "commander.unknownOption":
      return new FlyBrowserError("unknown_option", { option: named, allowed: flagsOf(command) }, { cause: thrown });
    case "commander.unknownCommand":
      return unknownCommand(command, named);
    case "commander.help": // asked about a command that isn't there
      return unknownCommand(command, command.args[1] ?? "");
    case "commander.excessArguments": {
      const word = command.args[command.registeredArguments.length] ?? "";
      const { parent } = command;
      if (parent?.parent && command.args.length === 1) return unknownCommand(parent, word);
      return misused(sentence("usage.word_too_many", { word }));
    }
    case "commander.missingArgument":
      return misused(sentence("usage.no_argument", { name: named }));
    case "commander.optionMissingArgument":
      return misused(sentence("usage.no_value", { option: named }));
    default:
      return misused(thrown.message.replace(/^error: /, ""));
  }
}

/** What commander thinks was meant by an unknown flag or command; an address alone is meant to be streamed. */
export function suggestion(thrown: unknown): Words | null {
  if (!(thrown instanceof FlyBrowserError) || !(thrown.cause instanceof CommanderError)) return null;
  const { reason } = thrown.details as { reason?: Words };
  const word = typeof reason === "object" && reason.code === "usage.no_command" ? reason.values.word : null;
  if (typeof word === "string" && /[./:]/.test(word)) return sentence("usage.meant_stream", { address: word });
  const [, meant] = /Did you mean (?:one of )?([^)]*)\?/.exec(thrown.cause.message) ?? [];
  return meant === undefined ? null : sentence("usage.meant", { name: meant });
}
