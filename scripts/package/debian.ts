// The .deb: the executable and its parts, registered with the browsers of all users (deb-control(5), Debian policy 5 and 12.5).
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { INDEX_ASSET } from "../../protocol/node/executable.ts";
import { NATIVE_HOST_NAME } from "../../protocol/version.ts";
import { hostManifest } from "../../sdk/native-host-files.ts";
import { filesBelow } from "./archives.ts";
import { partFiles, partIndex } from "./executable.ts";

const PROGRAM = "/usr/lib/flybrowser-stream/flybrowser";
/** Where each browser looks for hosts of all users (developer.chrome.com: Native messaging; learn.microsoft.com for Edge). */
const MANIFEST_FOLDERS = ["/etc/chromium", "/etc/opt/chrome", "/etc/opt/edge"].map(
  (etc) => `${etc}/native-messaging-hosts`,
);

/** What a .deb is made of. */
export interface DebianOptions {
  readonly dist: string;
  readonly executable: string;
  readonly architecture: "amd64" | "arm64";
  readonly version: string;
  /** Text of the notices. */
  readonly notices: string;
  /** Our own licence. */
  readonly licence: string;
  readonly output: string;
}

/** Builds it. @throws Error where dpkg-deb is missing. */
export function buildDebian(options: DebianOptions): void {
  const root = mkdtempSync(join(tmpdir(), "flybrowser-deb-"));
  const put = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  try {
    chmodSync(root, 0o755);
    mkdirSync(join(root, dirname(PROGRAM)), { recursive: true });
    copyFileSync(options.executable, join(root, PROGRAM));
    chmodSync(join(root, PROGRAM), 0o755);
    const parts = partFiles(options.dist);
    const shared = "/usr/share/flybrowser-stream";
    for (const [name, path] of Object.entries(parts)) cpSync(path, join(root, shared, name), { recursive: true });
    put(`${shared}/${INDEX_ASSET}`, partIndex(parts));
    symlinkSync("../../share/flybrowser-stream", join(root, dirname(PROGRAM), "parts"));
    mkdirSync(join(root, "usr/bin"), { recursive: true });
    symlinkSync("../lib/flybrowser-stream/flybrowser", join(root, "usr/bin/flybrowser"));
    const manifest = `${JSON.stringify(hostManifest(PROGRAM), null, 2)}\n`;
    for (const folder of MANIFEST_FOLDERS) put(`${folder}/${NATIVE_HOST_NAME}.json`, manifest);
    put("/usr/share/doc/flybrowser-stream/copyright", `${options.licence}\n\n${options.notices}`);
    const size = filesBelow(root).reduce((sum, name) => sum + statSync(join(root, name)).size, 0);
    put("/DEBIAN/control", control(options, Math.ceil(size / 1024)));
    for (const name of filesBelow(root)) if (`/${name}` !== PROGRAM) chmodSync(join(root, name), 0o644);
    const pack = ["--root-owner-group", "-Zxz", "-z1", "--build", root, options.output];
    execFileSync("dpkg-deb", pack, { stdio: "pipe", timeout: 300_000 });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function control({ architecture, version }: DebianOptions, kibibytes: number): string {
  return `Package: flybrowser-stream
Version: ${version}
Architecture: ${architecture}
Maintainer: FlyBrowser Stream <flybrowser-stream@localhost>
Installed-Size: ${kibibytes}
Depends: libatomic1, libc6 (>= 2.28), libgcc-s1, libstdc++6, ffmpeg (>= 7:4.4)
Recommends: chromium
Section: video
Priority: optional
Description: share a browser tab live, with sound
 One click or one call gives a link that opens in any browser: the tab as HLS,
 DASH, WebRTC, RTMP or a recording, from the browser's own encoder. The package
 has the command, and the native host that the browser extension starts. Load
 the extension from /usr/share/flybrowser-stream/extension.
`;
}
