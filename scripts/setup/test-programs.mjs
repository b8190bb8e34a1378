// Installs what only the tests need: servers for RTMP and SRT, TLS in front of the one, a screen with a keyboard, the languages of the examples.
// Without apt, the tests that need them fail and say so. No service is left running: the tests start their own.
import { existsSync } from "node:fs";
import { aptInstall, aptPrefix, onPath } from "./programs.mjs";
import { run, step } from "./progress.mjs";

const there = (name) => existsSync(`/usr/sbin/${name}`) || onPath(name) !== null;

/** Debian package, whether it is there, and the service that its installation may have started. */
const PROGRAMS = [
  { name: "nginx", present: () => there("nginx"), service: "nginx" },
  { name: "libnginx-mod-rtmp", present: () => existsSync("/usr/lib/nginx/modules/ngx_rtmp_module.so"), service: null },
  { name: "stunnel4", present: () => there("stunnel4"), service: "stunnel4" },
  { name: "srt-tools", present: () => there("srt-live-transmit"), service: null },
  { name: "python3", present: () => onPath("python3") !== null, service: null },
  { name: "python3-aiortc", present: () => existsSync("/usr/lib/python3/dist-packages/aiortc"), service: null },
  { name: "curl", present: () => onPath("curl") !== null, service: null },
  { name: "firefox-esr", present: () => onPath("firefox-esr") !== null, service: null },
  { name: "xvfb", present: () => onPath("Xvfb") !== null, service: null },
  { name: "xdotool", present: () => onPath("xdotool") !== null, service: null },
];

/** A service that was not there before is not wanted afterwards either. */
async function disable(service) {
  if (!existsSync("/run/systemd/system")) return;
  const [command, ...rest] = [...(await aptPrefix()), "systemctl", "disable", "--now", service];
  await run(command, rest).catch(() => {});
}

/**
 * Installs what is missing, each once.
 * @throws SetupError when apt fails.
 */
export async function installTestPrograms() {
  await step("Test programs", async (say) => {
    const missing = PROGRAMS.filter(({ present }) => !present());
    if (missing.length === 0) return null;
    for (const { name, service } of missing) {
      // Runlevel 1: scripts of packages start no service in it.
      if (!(await aptInstall(name, say, ["RUNLEVEL=1"])))
        return `missing: ${missing.map((each) => each.name).join(", ")}`;
      if (service !== null) await disable(service);
    }
    return missing.map(({ name }) => name).join(", ");
  });
}
