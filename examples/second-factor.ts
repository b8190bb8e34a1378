// A person does what an agent can't or mustn't: `npx tsx examples/second-factor.ts ADDRESS`. The agent logs in as far as it can, asks for
// the second factor by a link that allows control, and goes on once the person is done.
import { FlyBrowser } from "flybrowser-stream";

/** s that the person has. */
const PATIENCE = 300;

/** Logs in, with a person in the middle; gives what the page says then. `invite`: gets the link to that person. */
export async function logIn(
  browser: FlyBrowser,
  address: string,
  invite: (player_url: string) => void | Promise<void>,
): Promise<string> {
  await browser.startStream({ quality: "ultra_low_latency" });
  const { player_url } = await browser.createLink({ name: "Ada", allow: "control" });
  await invite(player_url);
  return browser.task("Log in", async ({ note }) => {
    await browser.goto(address);
    await browser.page.type("#name", "agent");
    await browser.page.click("#next");
    note("the page wants a second factor");
    const reason = "Please enter the code from your phone, and press Done";
    const { outcome, note: said } = await browser.handOff({ reason, timeout: PATIENCE });
    if (outcome !== "done") throw new Error(`Nobody has entered the code: ${outcome} ${said}`);
    await browser.page.waitForSelector("#welcome");
    return browser.page.$eval("#welcome", (element) => element.textContent ?? "");
  });
}

if (process.argv[1] === import.meta.filename) {
  await using browser = await FlyBrowser.launch();
  console.log(
    await logIn(browser, process.argv[2] ?? "https://example.com", (link) => console.log(`Take over: ${link}`)),
  );
}
