// `npm start [-- URL flags]`: sets up what is missing, builds what is stale, then runs `flybrowser stream`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bootstrap, fail, ROOT } from "./bootstrap.mjs";

const env = await bootstrap().catch(fail);
const command = spawn(process.execPath, [join(ROOT, "dist/cli/flybrowser.js"), "stream", ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, ...env },
});
// A terminal sends Ctrl-C to the command too; the command takes two so close together as one. It may need a moment
// to end everything: wait for it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => command.kill(signal));
command.on("error", fail);
command.on("exit", (code) => process.exit(code ?? 1));
