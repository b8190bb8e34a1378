// Entry of the content script: hands the page's world one end of a channel and serves the other. It says nothing to the extension
// until the page calls something.
import { PAGE_PORT } from "../../protocol/page-messages.ts";
import { portTransport } from "../../protocol/transport.ts";
import { Bridge } from "./bridge.ts";
import { offerPort } from "./handover.ts";

/** A page that is being prepared out of sight asks nobody; its calls wait until it is shown. */
async function shown(): Promise<void> {
  const page = document as Document & { readonly prerendering?: boolean };
  if (!page.prerendering) return;
  await new Promise((resolve) => page.addEventListener("prerenderingchange", resolve, { once: true }));
}

const port = offerPort(window);
const bridge = new Bridge({
  connect: async () => {
    await shown();
    return portTransport(chrome.runtime.connect({ name: PAGE_PORT }));
  },
  answer: (answer) => port.postMessage(answer),
});
port.onmessage = (event) => void bridge.receive(event.data);
