// Behind other people's servers: nginx with TLS and HTTP/2, under a prefix that it takes off the path or leaves on, its buffering
// as it comes; and by IPv6.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { connect as connectTo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { StartStreamResult } from "../../protocol/results.ts";
import { ControlClient } from "../../sdk/control-client.ts";
import { paced } from "../fixtures/pace.ts";
import { Cleanup, freePort, program, startProcess } from "../fixtures/rtmp/processes.ts";
import { type InstalledPrograms, installTunnels } from "../fixtures/tunnel/install.ts";
import { HostProcess } from "./harness/host-process.ts";
import { until } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";

const ADDRESS = "127.0.0.3";
const MEDIA = { width: 320, height: 180 };
const cleanup = new Cleanup();
let host: HostProcess;
let publisher: Publisher | undefined;
let certificate: InstalledPrograms | undefined;

afterEach(async () => {
  await publisher?.abandon();
  publisher = undefined;
  await host.close();
  await cleanup.run();
  certificate?.remove();
});

/** nginx with TLS and HTTP/2 in front of the host; `onward`: what it makes of the path. */
async function startNginx(port: number, onward: string, pem: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-nginx-"));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  const own = await freePort();
  const server = [
    `listen ${ADDRESS}:${own} ssl http2;`,
    `ssl_certificate ${pem}; ssl_certificate_key ${pem};`,
    "location /live/ {",
    `  proxy_pass http://127.0.0.1:${port}${onward};`,
    "  proxy_http_version 1.1; proxy_set_header Host $host;",
    "  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    '  proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";',
    "}",
  ].join("\n");
  const http = `access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder}; server {\n${server}\n}`;
  const config = `daemon off; master_process off; pid ${folder}/pid; error_log stderr error;\nevents {}\nhttp { ${http} }\n`;
  writeFileSync(join(folder, "nginx.conf"), config);
  startProcess(cleanup, program("nginx", "nginx"), ["-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: "ignore",
  });
  await until("nginx", () => listens(own), 5_000);
  return own;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTo({ port, host: ADDRESS });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** A stream that is shared by such an nginx. */
async function behindNginx(onward: string): Promise<StartStreamResult> {
  certificate = installTunnels([]);
  const { TUNNEL_PEM: pem = "", NODE_EXTRA_CA_CERTS: ca = "" } = certificate.env;
  const port = await freePort();
  const own = await startNginx(port, onward, pem);
  const url = `https://${ADDRESS}:${own}/live`;
  host = new HostProcess({
    env: { FLYBROWSER_PORT: String(port), FLYBROWSER_PUBLIC_URL: url, NODE_EXTRA_CA_CERTS: ca },
  });
  await host.hello();
  publisher = await Publisher.open(host, { media: MEDIA });
  const started = await publisher.playable();
  expect(started.player_url).toMatch(new RegExp(`^${url}/s/`));
  return started;
}

/** A response by HTTP/2: its status, and its text until `enough`. */
function over2(
  url: string,
  enough: (text: string) => boolean = () => false,
): Promise<{ status: number; text: string }> {
  const { origin, pathname, search } = new URL(url);
  const session = connect(origin, { rejectUnauthorized: false });
  return new Promise((resolve, reject) => {
    session.on("error", reject);
    const request = session.request({ ":path": pathname + search });
    let status = 0;
    let text = "";
    const done = (): void => {
      session.destroy();
      resolve({ status, text });
    };
    request.on("response", (headers) => {
      status = headers[":status"] ?? 0;
    });
    request.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (enough(text)) done();
    });
    request.on("end", done);
    request.on("error", reject);
    request.end();
  });
}

describe.each([
  ["taken off the path", "/"],
  ["left on the path", ""],
])("nginx with HTTP/2, its prefix %s", (_what, onward) => {
  test(
    "page, files, events as they happen, HLS, DASH, the live engine; never the control API",
    async () => {
      const { player_url, hls_url, dash_url, live_url } = await behindNginx(onward);
      const page = await over2(player_url);
      expect(page.status).toBe(200);
      const [, script = ""] = /src="([^"]+\.js)"/.exec(page.text) ?? [];
      expect((await over2(new URL(script, player_url).href)).status).toBe(200);
      const folder = player_url.replace(/player$/, "");
      // The connection stays open: nginx would hold the first event back if it buffered.
      expect((await over2(`${folder}events`, (text) => text.includes("event: state"))).text).toContain(
        '"state":"active"',
      );
      const base = player_url.slice(0, player_url.indexOf("/s/"));
      for (const path of ["/api/streams", "/healthz", "/metrics"]) {
        expect([path, (await over2(base + path)).status]).toEqual([path, 404]);
      }
      for (const url of [hls_url, dash_url]) {
        const probe = ["-v", "error", "-tls_verify", "0", "-read_intervals", "%+1", "-count_frames"];
        const entries = ["-show_entries", "stream=codec_type,nb_read_frames", "-of", "csv=p=0", url ?? ""];
        const { stdout } = await promisify(execFile)("ffprobe", [...probe, ...entries], { timeout: 30_000 });
        expect(stdout).toMatch(/video,[1-9]/);
      }
      expect(live_url).toBe(`${folder.replace("https", "wss")}live`);
      const live = new WebSocket(live_url ?? "", { rejectUnauthorized: false });
      await until("media by WebSocket", () => once(live, "message").then(([, binary]) => binary as boolean), 10_000);
      live.terminate();
      // Whom it is allowed steers from there, too.
      const { stream_id } = publisher as Publisher;
      const client = new ControlClient(host.control_file as NonNullable<typeof host.control_file>);
      const link = await client.createLink(stream_id, { allow: "control" });
      const address = link.player_url.replace("https", "wss").replace(/player$/, "control");
      const socket = new WebSocket(address, { rejectUnauthorized: false });
      const [told] = await once(socket, "message");
      socket.terminate();
      expect(JSON.parse(String(told))).toMatchObject({ type: "control", state: "closed" });
    },
    paced(60_000),
  );
});

test("by IPv6: the link names the address in brackets, and opens", async () => {
  host = new HostProcess({ env: { FLYBROWSER_VIEW_ADDRESS: "::1" } });
  const { port } = await host.hello();
  publisher = await Publisher.open(host, { media: MEDIA });
  const started = await publisher.playable();
  expect(started.player_url).toContain(`http://[::1]:${port}/s/`);
  expect((await fetch(started.player_url)).status).toBe(200);
  expect((await fetch(`http://[::1]:${port}/api/streams`)).status).toBe(404);
});
