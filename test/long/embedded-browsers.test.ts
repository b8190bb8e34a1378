// The player in a page of another origin (`?embed=1`), in Firefox (firefox-esr) and WebKit (WebKitGTK's MiniBrowser), by each way:
// picture, sound after a click, through another size of the tab, the death of FFmpeg, and the end. Needs what `npm run clients` needs.
import { expect, test } from "vitest";
import { PLAYERS } from "../../bench/clients/browsers.ts";
import { runTrial } from "../../bench/clients/trial.ts";

const OTHERS = PLAYERS.filter(({ name }) => !name.includes("Chromium"));

test.each(OTHERS.map((client) => ({ title: `${client.name}, ${client.way}`, client })))(
  "$title",
  { timeout: 300_000 },
  async ({ client }) => {
    const version = (await client.version()) ?? expect.fail(`${client.name} isn't installed`);
    const [row] = await runTrial([{ client, version }], (line) => process.stdout.write(`${line}\n`));
    // Debian builds WebKitGTK without WebRTC, and the live engine isn't for it (player/browser.ts): the player takes another way then.
    const other = client.name.includes("WebKit") && ["webrtc", "live"].includes(client.protocol ?? "");
    expect(row).toMatchObject({ sound: true, sound_after: true, instead: other ? expect.any(String) : null });
    for (const figure of ["plays", "behind", "resize", "death", "end"] as const) {
      expect.soft(row?.[figure], figure).not.toBeNull();
    }
  },
);
