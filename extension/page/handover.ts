// How the two worlds of a page, its own and the content script's, come to share a MessageChannel: by one event, sent
// and heard while the document starts, before any script of the page runs. Whichever world comes second completes it.
// Never leaves a listener behind for the page to talk to.

/** Where the events are sent: the window, which both worlds share. */
export type Meeting = Pick<EventTarget, "addEventListener" | "removeEventListener" | "dispatchEvent">;

const OFFER = "flybrowser-stream:offer";
const ASK = "flybrowser-stream:ask";

/** The page's world: calls `take` with the port, once. */
export function askForPort(meeting: Meeting, take: (port: MessagePort) => void): void {
  meeting.addEventListener(
    OFFER,
    (event) => {
      const [port] = (event as MessageEvent).ports;
      if (!port) return;
      event.preventDefault(); // says that it was taken
      event.stopImmediatePropagation();
      take(port);
    },
    { once: true },
  );
  meeting.dispatchEvent(new Event(ASK));
}

/** The content script's world: gives its own end of the channel, of which the page's world has or gets the other. */
export function offerPort(meeting: Meeting): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const offer = () => {
    const taken = !meeting.dispatchEvent(new MessageEvent(OFFER, { ports: [port2], cancelable: true }));
    if (taken) meeting.removeEventListener(ASK, offer);
    return taken;
  };
  if (!offer()) meeting.addEventListener(ASK, offer);
  return port1;
}
