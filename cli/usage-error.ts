// A command line that can't be understood, in the words of the one table. Never knows what the commands do.
import { type Command, CommanderError } from "commander";
import { FlyBrowserError } from "../protocol/errors.ts";

/** The flags that a command takes, those of the commands above it included. */
function flagsOf(command: Command): string {
  const own: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) {
    own.push(
      ...at
        .createHelp()
        .visibleOptions(at)
        .map(({ flags }) => flags),
    );
  }
  return [...new Set(own)].join(", ");
}

/** The names of the commands below one. */
function commandsOf(command: Command): string {
  return command.commands.map((each) => each.name()).join(", ");
}

/** What commander threw while it read the flags of `command`, as an error that names what is allowed; any other as it is. */
export function usageError(thrown: unknown, command: Command): unknown {
  if (!(thrown instanceof CommanderError)) return thrown;
  const named = /'([^']*)'/.exec(thrown.message)?.[1] ?? "";
  if (thrown.code === "commander.unknownOption") {
    return new FlyBrowserError("unknown_option", { option: named, allowed: flagsOf(command) }, { cause: thrown });
  }
  if (thrown.code === "commander.unknownCommand") {
    const details = { option: "command", value: named, allowed: commandsOf(command) };
    return new FlyBrowserError("invalid_option", details, { cause: thrown });
  }
  return thrown;
}
