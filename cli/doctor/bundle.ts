// The file for a bug report: what doctor found, the versions, the ends of the host's logs, all without what gives access to anything.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, homedir, release, totalmem, userInfo, version } from "node:os";
import { basename, dirname, join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { logFile, stateDirectory } from "../../protocol/node/state-directory.ts";
import { SOFTWARE_VERSION } from "../../protocol/version.ts";
import type { Finding } from "./finding.ts";

/** bytes of each log, counted from its end. */
const LOG_END = 1 << 20;
/** Settings whose value can be a secret. */
const SECRET = /KEY|TOKEN|SECRET|PASS|ICE_SERVERS|AUTH/i;

/**
 * A text without secrets and without the user's name: view tokens, control tokens, stream keys, passwords, and the query and fragment of
 * addresses.
 */
export function withoutSecrets(text: string, home = homedir(), user = userInfo().username): string {
  const plain = text
    .replace(/(\/s\/[\w-]+\/)[\w-]{16,}/g, "$1(token)")
    .replace(/\b(Bearer\s+)\S+/gi, "$1(token)")
    .replace(/("?(?:token|key|passphrase|password|credential|rtmp_key)"?\s*[:=]\s*)"?[^\s",}]+"?/gi, "$1(hidden)")
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, "$1")
    .replace(/\b((?:rtmps?|srt):\/\/[^\s/"']+\/[^\s/"']+)\/[^\s"',)]+/gi, "$1/(key)")
    .replace(/\b(https?:\/\/[^\s?#"']+)[?#][^\s"',)]*/gi, "$1?…");
  const homeless = home.length > 1 ? plain.replaceAll(home, "~") : plain;
  return user.length > 2 && user !== "root" ? homeless.replaceAll(user, "(user)") : homeless;
}

function endOf(path: string): string {
  const text = readFileSync(path).subarray(-LOG_END).toString("utf8");
  return text.slice(text.indexOf("\n") + 1 || 0);
}

function settings(env: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.entries(env).filter(([name]) => name.startsWith("FLYBROWSER_"));
  return Object.fromEntries(own.map(([name, value = ""]) => [name, SECRET.test(name) ? "(hidden)" : value]));
}

/** Writes the bundle, a zip. Throws what the file system does. */
export function writeBundle(path: string, findings: readonly Finding[]): void {
  const log = logFile(stateDirectory());
  const logs = existsSync(dirname(log))
    ? readdirSync(dirname(log)).filter((name) => name.startsWith(basename(log)))
    : [];
  const about = {
    version: SOFTWARE_VERSION,
    node: process.version,
    system: [process.platform, arch(), release(), version()],
    cores: cpus().length,
    processor: cpus()[0]?.model ?? null,
    memory_mib: Math.round(totalmem() / 2 ** 20),
    settings: settings(process.env),
  };
  const files = {
    "about.json": JSON.stringify(about, null, 2),
    "doctor.json": JSON.stringify(findings, null, 2),
    ...Object.fromEntries(logs.map((name) => [`logs/${name}`, endOf(join(dirname(log), name))])),
  };
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(withoutSecrets(text))]);
  writeFileSync(path, zipSync(Object.fromEntries(entries)), { flag: "wx", mode: 0o600 });
}
