// How much of a long list goes into one message: Chrome ends a host that sends more than 1 MiB at once.

/** Bytes of JSON that a list may have in a message: all lists of one together stay far below 1 MiB. */
export const MAX_LIST_BYTES = 128 * 1024;

/** The newest of a list, oldest first, that fit into `most` bytes of JSON, and how many are left out before them. */
export function newestWithin<Item>(
  items: readonly Item[],
  most: number = MAX_LIST_BYTES,
): { readonly newest: Item[]; readonly left_out: number } {
  let bytes = 2;
  let first = items.length;
  for (; first > 0; first--) {
    bytes += Buffer.byteLength(JSON.stringify(items[first - 1])) + 1;
    if (bytes > most) break;
  }
  return { newest: items.slice(first), left_out: first };
}
