// What the page's address says of how it is shown: inside another page (`embed=1`), with which colours, sound and controls.

/** How the page is shown. */
export interface DisplayOptions {
  /** Nothing but the video: no header, no details beside it. */
  readonly embed: boolean;
  /** `null`: as the viewer's system wants it. */
  readonly theme: "light" | "dark" | null;
  /** `false`: with sound where the browser lets a page begin with it. */
  readonly muted: boolean;
  readonly controls: boolean;
}

/** Reads `embed`, `theme`, `muted`, `controls`. */
export function displayOptions(search: string): DisplayOptions {
  const parameters = new URLSearchParams(search);
  const on = (name: string) => /^(?:1|true|)$/i.test(parameters.get(name) ?? "0");
  const off = (name: string) => /^(?:0|false)$/i.test(parameters.get(name) ?? "1");
  const theme = parameters.get("theme");
  return {
    embed: on("embed"),
    theme: theme === "light" || theme === "dark" ? theme : null,
    muted: !off("muted"),
    controls: !off("controls"),
  };
}

/**
 * The code that shows a stream inside another page. `local-network-access`: Chrome 142 and newer ask the viewer before a page of
 * the internet may frame an address of the local network, and a frame inside needs the page's leave.
 */
export function embedCode(player_url: string, { width, height }: { width: number; height: number }): string {
  const link = new URL(player_url);
  link.search = "?embed=1";
  link.hash = "";
  const size = `width="${width || 1280}" height="${height || 720}"`;
  const allow = 'allow="autoplay; fullscreen; picture-in-picture; local-network-access"';
  return `<iframe src="${link.href}" ${size} style="border:0" ${allow} title="Live stream"></iframe>`;
}
