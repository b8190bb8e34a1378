// What a request for a WebSocket is answered with that isn't let in: before the upgrade, as any request.
import type { Duplex } from "node:stream";

/** As if there were nothing. */
export const NO_SOCKET = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
/** There are as many as there may be. */
export const SOCKETS_FULL =
  "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 5\r\n\r\n";

/** Answers, and ends the connection. */
export function refuseUpgrade(socket: Duplex, answer: string): void {
  socket.on("error", () => {}); // gone already
  socket.end(answer);
}
