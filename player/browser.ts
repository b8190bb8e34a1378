// What a browser can't do although it says so, by its name: nothing that a page can ask tells.

/**
 * Whether each change of the playback rate empties the decoders, which costs WebKitGTK and WPE (seen in WebKitGTK 2.50) a standstill
 * of up to seconds: GStreamer changes the rate by a seek. Safari plays on.
 */
export function rateChangesStall(userAgent: string = navigator.userAgent): boolean {
  return /AppleWebKit\/.*Linux|Linux.*AppleWebKit\//.test(userAgent) && !/Chrom(e|ium)\//.test(userAgent);
}
