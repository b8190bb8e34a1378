// Players that are programs (FFmpeg, ffplay, mpv, VLC, GStreamer) at every address of a stream that is theirs: through another size of
// the tab, the death of FFmpeg, and the end, at which they end by themselves. Needs what `npm run clients` needs.
import { expect, test } from "vitest";
import { PROGRAMS } from "../../bench/clients/programs.ts";
import { runTrial } from "../../bench/clients/trial.ts";

const NAMES = [...new Set(PROGRAMS.map(({ name }) => name))];

test.each(NAMES)("%s by HLS and at dash_url", { timeout: 300_000 }, async (name) => {
  const clients = await Promise.all(
    PROGRAMS.filter((client) => client.name === name).map(async (client) => ({
      client,
      version: (await client.version()) ?? expect.fail(`${name} isn't installed`),
    })),
  );
  const rows = await runTrial(clients, (line) => process.stdout.write(`${line}\n`));
  expect(rows.map(({ way }) => way).sort()).toEqual(["DASH", "HLS"]); // in the order in which they came to play
  for (const row of rows) {
    expect(row).toMatchObject({ sound: true, sound_after: true });
    for (const figure of ["plays", "behind", "resize", "death", "end"] as const) {
      expect.soft(row[figure], `${row.way}: ${figure}`).not.toBeNull();
    }
  }
});
