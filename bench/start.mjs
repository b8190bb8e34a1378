// `npm run bench [-- flags]`: sets up what is missing, builds what is stale, then runs bench/main.ts.
// Plain JavaScript, since there may be no dependencies yet.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bootstrap, fail, ROOT } from "../scripts/bootstrap.mjs";

const env = await bootstrap().catch(fail);
const args = ["--import", "tsx", join(ROOT, "bench/main.ts"), ...process.argv.slice(2)];
const bench = spawn(process.execPath, args, { stdio: "inherit", cwd: ROOT, env: { ...process.env, ...env } });
// A terminal sends Ctrl-C to the bench too, and it ends what it started: wait for it.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => bench.kill(signal));
bench.on("error", fail);
bench.on("exit", (code) => process.exit(code ?? 1));
