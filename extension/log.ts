// The extension's log: Chrome's console, with the name of the part in front. No keys or tokens go into it.

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
