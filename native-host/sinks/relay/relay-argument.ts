// The argument that makes the host's program relay WebRTC instead of serving a browser.

/** Passed by a host when its first viewer by WebRTC comes; the browser's process id follows, where it is known. */
export const RELAY_ARGUMENT = "--relay-webrtc";
