// The extension's log: Chrome's console, a level and the part's name in front.
// Never holds media, keys or tokens.

/** Writes lines with the name of one part in front. */
export interface Log {
  info(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
}

/** Gives the log of the part `name`. */
export function logOf(name: string): Log {
  const prefix = `[flybrowser ${name}]`;
  return {
    info: (message, ...details) => console.info(prefix, message, ...details),
    warn: (message, ...details) => console.warn(prefix, message, ...details),
  };
}
