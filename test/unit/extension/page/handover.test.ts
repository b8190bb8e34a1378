import { afterEach, describe, expect, it } from "vitest";
import { askForPort, offerPort } from "../../../../extension/page/handover.ts";

const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

/** Both worlds in one order; gives the ends of the channel. */
function meet(first: "page" | "content script"): { page: MessagePort[]; script: MessagePort; meeting: EventTarget } {
  const meeting = new EventTarget();
  const page: MessagePort[] = [];
  const ask = () => askForPort(meeting, (port) => void page.push(port));
  if (first === "page") ask();
  const script = offerPort(meeting);
  if (first !== "page") ask();
  opened.push(script, ...page);
  return { page, script, meeting };
}

describe("the handover", () => {
  it.each(["page", "content script"] as const)("joins both worlds when the %s comes first", async (first) => {
    const { page, script } = meet(first);
    expect(page).toHaveLength(1);
    const heard = new Promise((resolve) => {
      script.onmessage = (event) => resolve(event.data);
    });
    page[0]?.postMessage("hello");
    expect(await heard).toBe("hello");
  });

  it.each(["page", "content script"] as const)("leaves nothing for scripts that come later (%s first)", (first) => {
    const { page, meeting } = meet(first);
    const offers: Event[] = [];
    meeting.addEventListener("flybrowser-stream:offer", (event) => offers.push(event));
    meeting.dispatchEvent(new Event("flybrowser-stream:ask"));
    expect(offers).toEqual([]);
    const { port1, port2 } = new MessageChannel();
    opened.push(port1);
    meeting.dispatchEvent(new MessageEvent("flybrowser-stream:offer", { ports: [port2], cancelable: true }));
    expect(page).toHaveLength(1);
  });
});
