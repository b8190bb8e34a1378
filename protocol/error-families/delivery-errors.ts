// Errors of the ways to viewers that need another side to agree: RTMP, WebRTC.
// Never of the capture.
import type { ErrorEntry } from "../error-entry.ts";

/** Errors of RTMP and WebRTC. */
export const DELIVERY_ERRORS = {
  rtmp_unreachable: {
    message: "The RTMP server {server} can't be reached: {reason}.",
    fix: "Check the address and the port, and that the server is running.",
    status: 502,
  },
  rtmp_tls_failed: {
    message: "No secure connection to the RTMP server {server}: {reason}.",
    fix: "Check that the server speaks RTMPS on this port and that its certificate is valid for this name; for an authority of your own set FLYBROWSER_RTMP_CA to its certificate file.",
    status: 502,
  },
  rtmp_refused: {
    message: "The RTMP server {server} refused the stream: {reason}.",
    fix: "Check the stream key and the application in the URL, and that nobody else publishes with this key.",
    status: 502,
  },
  rtmp_timeout: {
    message: "The RTMP server {server} did not answer within {seconds} s ({step}).",
    fix: "Check the address and the port; the server may be overloaded, or not speak RTMP.",
    status: 504,
  },
  rtmp_lost: {
    message: "The connection to the RTMP server {server} was lost: {reason}.",
    fix: "Nothing: it is tried again for as long as the stream lives.",
    status: 502,
  },
  rtmp_invalid_answer: {
    message: "The other side does not speak RTMP as it should: {reason}.",
    fix: "Check that the address and the port are those of an RTMP server.",
    status: 502,
  },
  webrtc_offer_invalid: {
    message: "The WebRTC offer can't be answered: {reason}.",
    fix: "Send an SDP offer that asks to receive video, with a codec that Chrome can send (H.264, VP8 or VP9).",
    status: 422,
  },
  viewers_full: {
    message: "All {limit} places for viewers by WebRTC are taken.",
    fix: "Watch by HLS, or set FLYBROWSER_WEBRTC_VIEWERS to a higher number: each viewer costs an encoder.",
    status: 503,
  },
} as const satisfies Record<string, ErrorEntry>;
