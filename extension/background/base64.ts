// Base64 of media bytes for native messaging, which carries only JSON.

/** Bytes that `String.fromCharCode` takes at once without exhausting the stack. */
const SLICE = 0x8000;

interface NativeBase64 {
  toBase64?: () => string;
}

/** Gives the bytes as base64, by Chrome's own encoder where it has one (140 and later). */
export function toBase64(bytes: Uint8Array): string {
  const native = (bytes as NativeBase64).toBase64;
  return native ? native.call(bytes) : toBase64Slowly(bytes);
}

/** The same for older browsers, a slice at a time. */
export function toBase64Slowly(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += SLICE) binary += String.fromCharCode(...bytes.subarray(at, at + SLICE));
  return btoa(binary);
}
