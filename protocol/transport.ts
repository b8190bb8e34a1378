// The one shape that every connection between two processes has here: native messaging, a Chrome port,
// a MessagePort.
import { sentence, type Words } from "./sentence.ts";

/** A two-way, ordered channel of JSON-like messages. */
export interface Transport {
  /** Sends one message. On a closed transport it does nothing. */
  send(message: unknown): void;
  /** Sets the one receiver of messages. */
  onMessage(receive: (message: unknown) => void): void;
  /** Sets the one listener for the end of the channel; `reason` is for people. */
  onClose(closed: (reason: Words) => void): void;
  /** Ends the channel. Idempotent. */
  close(): void;
}

/** A transport over a Chrome `runtime.Port` (popup, offscreen document or native host). */
export function portTransport(port: chrome.runtime.Port): Transport {
  let closed: (reason: Words) => void = () => {};
  let open = true;
  port.onDisconnect.addListener(() => {
    open = false;
    closed(chrome.runtime.lastError?.message ?? sentence("connection.gone"));
  });
  return {
    send(message) {
      if (open) port.postMessage(message);
    },
    onMessage(receive) {
      port.onMessage.addListener((message: unknown) => receive(message));
    },
    onClose(listener) {
      closed = listener;
    },
    close() {
      open = false;
      port.disconnect();
    },
  };
}
