// An origin taken apart for people.
// Never turns punycode back into letters: those could look like another site's.

/** The parts of an origin. */
export interface SiteParts {
  /** `https` or `http`. */
  readonly scheme: string;
  /** In ASCII. */
  readonly host: string;
  /** Empty: the scheme's own. */
  readonly port: string;
  /** Whether the host is written in letters beyond a to z. */
  readonly foreign: boolean;
}

/** Gives them. */
export function siteParts(origin: string): SiteParts {
  const { protocol, hostname, port } = new URL(origin);
  const foreign = hostname.split(".").some((label) => label.startsWith("xn--"));
  return { scheme: protocol.replace(":", ""), host: hostname, port, foreign };
}
