// nginx serving static files on a free port of 127.0.0.1, as a yardstick.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { listens } from "../../test/fixtures/rtmp/nginx.ts";
import { freePort, until } from "../../test/fixtures/rtmp/processes.ts";

/** A running nginx. */
export interface Nginx {
  readonly origin: string;
  /** Its master process. */
  readonly pid: number;
  close(): Promise<void>;
}

/** Path of nginx, or `null`. */
export function nginxPath(): string | null {
  return ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"].find((path) => existsSync(path)) ?? null;
}

/** First line of `nginx -v`, or `null`. */
export function nginxVersion(): string | null {
  const path = nginxPath();
  if (!path) return null;
  return execFileSync("/bin/sh", ["-c", `"${path}" -v 2>&1`])
    .toString()
    .trim()
    .replace("nginx version: ", "");
}

function configuration(folder: string, port: number): string {
  const user = process.getuid?.() === 0 ? "user root;" : ""; // the folder is readable by its owner only
  return `${user} daemon off; worker_processes auto; worker_rlimit_nofile 16384; pid ${folder}/nginx.pid; error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_timeout 75; keepalive_requests 1000000; open_file_cache max=1000;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3; uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  server { listen 127.0.0.1:${port} backlog=4096; root ${folder}; types { application/vnd.apple.mpegurl m3u8; video/iso.segment m4s; } }
}
`;
}

/** Serves `folder`. @throws Error when nginx isn't installed or doesn't start. */
export async function startNginx(folder: string): Promise<Nginx> {
  const path = nginxPath();
  if (!path) throw new Error("nginx isn't installed (`apt install nginx-light`).");
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  await writeFile(file, configuration(folder, port));
  const nginx = spawn(path, ["-c", file, "-e", "stderr"], { stdio: ["ignore", "ignore", "inherit"] });
  const exited = once(nginx, "exit");
  const close = async () => {
    if (nginx.exitCode === null && nginx.signalCode === null) nginx.kill("SIGTERM");
    await exited;
  };
  const origin = `http://127.0.0.1:${port}/`;
  try {
    await until("nginx", () => listens(port), 5_000);
  } catch (error) {
    await close();
    throw error;
  }
  return { origin, pid: nginx.pid as number, close };
}
