// How the two worlds of a page, its own and the content script's, come to share a MessageChannel: by one event, sent
// and heard while the document starts, before any script of the page runs. Whichever world comes second completes it, and no
// listener is left for the page to talk to.

/** Where the events are sent: the window, which both worlds share. */
export type Meeting = Pick<EventTarget, "addEventListener" | "removeEventListener" | "dispatchEvent">;

const OFFER = "flybrowser-stream:offer";
const ASK = "flybrowser-stream:ask";
const TAKEN = "flybrowser-stream:taken";

/** The page's world: calls `take` with the port, once. */
export function askForPort(meeting: Meeting, take: (port: MessagePort) => void): void {
  const offered = (event: Event) => {
    const [port] = (event as MessageEvent).ports;
    if (!port) return;
    meeting.removeEventListener(OFFER, offered);
    event.stopImmediatePropagation();
    meeting.dispatchEvent(new Event(TAKEN));
    take(port);
  };
  meeting.addEventListener(OFFER, offered);
  meeting.dispatchEvent(new Event(ASK));
}

/** The content script's world: gives its own end of the channel, of which the page's world has or gets the other. */
export function offerPort(meeting: Meeting): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const offer = () => void meeting.dispatchEvent(new MessageEvent(OFFER, { ports: [port2] }));
  const taken = () => {
    meeting.removeEventListener(ASK, offer);
    meeting.removeEventListener(TAKEN, taken);
  };
  meeting.addEventListener(TAKEN, taken);
  meeting.addEventListener(ASK, offer);
  offer();
  return port1;
}
