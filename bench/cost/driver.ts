// Entry of the process in which one subject runs. The first line on stdout is {"ready":…}; at the first line on stdin the subject
// finishes, and {"output":…} is printed.
import { once } from "node:events";
import type { RunningSubject, SubjectContext, SubjectName } from "./subject.ts";

const STARTERS: Record<SubjectName, () => Promise<{ start: (context: SubjectContext) => Promise<RunningSubject> }>> = {
  tab: () => import("./tab.ts"),
  "record-only": () => import("./record-only.ts"),
  chain: () => import("./chain.ts"),
  "webrtc-1": async () => ({ start: (await import("./webrtc.ts")).startWithViewers(1) }),
  "webrtc-4": async () => ({ start: (await import("./webrtc.ts")).startWithViewers(4) }),
  "webrtc-16": async () => ({ start: (await import("./webrtc.ts")).startWithViewers(16) }),
  "webrtc-64": async () => ({ start: (await import("./webrtc.ts")).startWithViewers(64) }),
  screencast: () => import("./screencast.ts"),
  "puppeteer-stream": () => import("./puppeteer-stream.ts"),
  playwright: () => import("./playwright.ts"),
};

const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);

const [name, context] = [process.argv[2] as SubjectName, JSON.parse(process.argv[3] ?? "{}") as SubjectContext];
try {
  const subject = await (await STARTERS[name]()).start(context);
  say({ ready: { hls_url: subject.hls_url ?? null, webrtc: subject.webrtc ?? null } });
  // The bench's word, or its end.
  await Promise.race([once(process.stdin, "data"), once(process.stdin, "close")]);
  say({ output: await subject.finish() });
  process.exit(0); // a peer may keep sockets open
} catch (error) {
  say({ failed: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
