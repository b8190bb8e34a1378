// The two channels of the relay's process as Transport: to the host by Node's IPC, to the document by a data channel.
import type { DataChannel } from "node-datachannel";
import { sentence, type Words } from "../../../protocol/sentence.ts";
import type { Transport } from "../../../protocol/transport.ts";

/** The end of an IPC channel: `process` in the child, the child in its parent. */
export interface IpcEnd {
  readonly connected: boolean;
  send?(message: object, sent: () => void): boolean;
  disconnect?(): void;
  on(event: "disconnect" | "error" | "message", listener: (...values: unknown[]) => void): unknown;
}

/** The channel. */
export function ipcTransport(end: IpcEnd): Transport {
  let closed: (reason: Words) => void = () => {};
  end.on("disconnect", () => closed(sentence("connection.gone")));
  end.on("error", () => {}); // the other side has just gone, which is told by `disconnect`
  return {
    send(message) {
      if (end.connected) end.send?.(message as object, () => {});
    },
    onMessage(receive) {
      end.on("message", (message: unknown) => receive(message));
    },
    onClose(listener) {
      closed = listener;
    },
    close() {
      if (end.connected) end.disconnect?.();
    },
  };
}

/** A data channel of node-datachannel, with JSON. */
export function channelTransport(channel: DataChannel): Transport {
  let closed: (reason: Words) => void = () => {};
  channel.onClosed(() => closed(sentence("connection.gone")));
  return {
    send(message) {
      if (channel.isOpen()) channel.sendMessage(JSON.stringify(message));
    },
    onMessage(receive) {
      channel.onMessage((text) => {
        if (typeof text === "string") receive(parsed(text));
      });
    },
    onClose(listener) {
      closed = listener;
    },
    close() {
      channel.close();
    },
  };
}

/** What isn't JSON is refused as no message. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
