// Somebody's site, of another origin than the host: a page that embeds the player, and bare pages of hls.js, dash.js and Shaka.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";

const MODULES = resolve(import.meta.dirname, "../../node_modules");

/** Libraries: where their file is, and how a page plays `url` in `video` with it. */
export const LIBRARIES = {
  "hls.js": {
    file: "hls.js/dist/hls.min.js",
    play: "const hls = new Hls(); hls.loadSource(url); hls.attachMedia(video);",
  },
  "dash.js": {
    file: "dashjs/dist/modern/umd/dash.all.min.js",
    play: "dashjs.MediaPlayer().create().initialize(video, url, true);",
  },
  Shaka: {
    file: "shaka-player/dist/shaka-player.compiled.js",
    play: "const player = new shaka.Player(); player.attach(video).then(() => player.load(url));",
  },
} as const;
export type Library = keyof typeof LIBRARIES;

/** The site. */
export interface Site {
  embed(player_url: string, protocol: string): string;
  library(name: Library, url: string): string;
  close(): Promise<void>;
}

/** Its version, as installed. */
export async function libraryVersion(name: Library): Promise<string> {
  const folder = LIBRARIES[name].file.split("/")[0] ?? "";
  return (JSON.parse(await readFile(resolve(MODULES, folder, "package.json"), "utf8")) as { version: string }).version;
}

/** Serves it on 127.0.0.1. */
export async function serveSite(): Promise<Site> {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const library = Object.values(LIBRARIES).find(({ file }) => pathname === `/${file}`);
    if (library) {
      response.setHeader("content-type", "text/javascript");
      response.end(await readFile(resolve(MODULES, library.file)));
      return;
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    const url = JSON.stringify(searchParams.get("url") ?? "").replaceAll("<", "\\u003c");
    const name = searchParams.get("library") as Library | null;
    const style = "<style>html,body{margin:0;height:100%}iframe,video{width:100%;height:100%;border:0}</style>";
    const head = `<!doctype html><meta charset="utf-8"><title>Somebody's page</title>${style}`;
    if (name && name in LIBRARIES) {
      const { file, play } = LIBRARIES[name];
      const sound = `<button class="unmute-button" style="position:absolute" onclick="v.muted=false">Sound</button>`;
      const script = `const url = ${url}, video = v; ${play}`;
      response.end(
        `${head}${sound}<video id="v" muted autoplay></video><script src="/${file}"></script><script>${script}</script>`,
      );
    } else {
      const allow = "autoplay; fullscreen; picture-in-picture; local-network-access";
      response.end(
        `${head}<iframe allow="${allow}"></iframe><script>document.querySelector("iframe").src=${url}</script>`,
      );
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    embed: (player_url, protocol) =>
      `${origin}/?url=${encodeURIComponent(`${player_url}?embed=1&protocol=${protocol}`)}`,
    library: (name, url) => `${origin}/?library=${name}&url=${encodeURIComponent(url)}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
