// How the command was misspelt: commander's errors, as errors of ours that say what was meant, or else what there is.
import { Command, CommanderError } from "commander";
import { FlyBrowserError } from "../protocol/errors.ts";
import { type Sentence, sentence, type Words } from "../protocol/sentence.ts";

/** As it is typed: `flybrowser links create`. */
function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

/** What an error of commander's takes for meant; `null`: nothing is like what was typed. */
function meantBy(thrown: unknown): Sentence | null {
  const [, name] = /Did you mean (?:one of )?([^)]*)\?/.exec((thrown as Error).message) ?? [];
  return name === undefined ? null : sentence("usage.meant", { name });
}

/** Which of `names` is like a word. */
function meantAmong(names: readonly string[], word: string): Sentence | null {
  if (names.includes(word)) return sentence("usage.meant", { name: word });
  // A command without a default one tells what is like the word.
  const twin = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const name of names) twin.command(name);
  try {
    twin.parse([word], { from: "user" });
  } catch (error) {
    return meantBy(error);
  }
  return null;
}

/** A command that was given in a way that it can't be. `meant`: what probably was; left out: its help tells. */
export function misused(command: Command | string, reason: Words, meant: Sentence | null = null): FlyBrowserError {
  const name = typeof command === "string" ? command : nameOf(command);
  const mend = meant ?? sentence("usage.help", { command: name });
  return new FlyBrowserError("command_misused", { command: name, reason, mend });
}

/** The error for a word that is no command of `parent`. An address alone is meant to be streamed. */
function unknownCommand(parent: Command, word: string): FlyBrowserError {
  const names = parent.commands.map((each) => each.name());
  const meant = /[./:]/.test(word) ? sentence("usage.meant_stream", { address: word }) : meantAmong(names, word);
  const allowed = names.join(", ");
  const none = meant ? sentence("usage.no_command", { word }) : sentence("usage.only_commands", { word, allowed });
  return misused(parent, none, meant);
}

/** What commander throws as an error of ours; `command`: the one that was being read. Anything else unchanged. */
export function usageError(thrown: unknown, command: Command): unknown {
  if (!(thrown instanceof CommanderError)) return thrown;
  const named = /'([^']*)'/.exec(thrown.message)?.[1] ?? "";
  switch (thrown.code) {
    case "commander.unknownOption":
      return misused(command, sentence("usage.no_option", { option: named }), meantBy(thrown));
    case "commander.unknownCommand":
      return unknownCommand(command, named);
    case "commander.help": // asked about a command that isn't there
      return unknownCommand(command, command.args[1] ?? "");
    case "commander.excessArguments": {
      const word = command.args[command.registeredArguments.length] ?? "";
      const { parent } = command;
      if (parent?.parent && command.args.length === 1) return unknownCommand(parent, word);
      return misused(command, sentence("usage.word_too_many", { word }));
    }
    case "commander.missingArgument":
      return misused(command, sentence("usage.no_argument", { name: named }));
    case "commander.optionMissingArgument":
      return misused(command, sentence("usage.no_value", { option: named }));
    default:
      return misused(command, thrown.message.replace(/^error: /, ""));
  }
}

/** Which of the allowed values of an option was probably meant, where they are a list of words. */
export function suggestion(thrown: unknown): Sentence | null {
  if (!(thrown instanceof FlyBrowserError) || thrown.code !== "invalid_option") return null;
  const { option, value, allowed } = thrown.details;
  if (option === "<recording_id>") return null; // several begin like that
  const [, word] = /^"([\w-]+)"$/.exec(String(value)) ?? [];
  if (word === undefined || typeof allowed !== "string" || !/^[\w-]+(, [\w-]+)+$/.test(allowed)) return null;
  return meantAmong(allowed.split(", "), word.toLowerCase());
}
