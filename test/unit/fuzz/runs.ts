// How often each surface is fuzzed: 200 cases in the unit tests, the same ones every time; `npm run fuzz` for 100,000 others
// (FUZZ_RUNS), FUZZ_SEED for those of before.
import fc from "fast-check";

/** Cases of each property. */
export const RUNS = Number(process.env.FUZZ_RUNS ?? 200);
/** ms for one property; some cases open sockets. */
export const TIMEOUT = 20_000 + 20 * RUNS;
/** For `fc.assert`. */
export const PARAMETERS: fc.Parameters<unknown> = {
  numRuns: RUNS,
  ...seed(process.env),
};

function seed({ FUZZ_SEED, FUZZ_RUNS }: NodeJS.ProcessEnv): { seed?: number } {
  if (FUZZ_SEED !== undefined) return { seed: Number(FUZZ_SEED) };
  return FUZZ_RUNS === undefined ? { seed: 1 } : {};
}

/** Bytes that something real has become: bytes changed, left out, put in, or cut off. */
export function mutated(original: Uint8Array, changes = 8): fc.Arbitrary<Buffer> {
  const at = fc.nat({ max: Math.max(0, original.length - 1) });
  const change = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), at, byte: fc.nat(255) }),
    fc.record({ kind: fc.constant("drop" as const), at, count: fc.nat(64) }),
    fc.record({ kind: fc.constant("insert" as const), at, bytes: fc.uint8Array({ maxLength: 16 }) }),
    fc.record({ kind: fc.constant("end" as const), at }),
  );
  return fc.array(change, { maxLength: changes }).map((all) => {
    let bytes = Buffer.from(original);
    for (const each of all) {
      const place = Math.min(each.at, bytes.length);
      if (each.kind === "set" && place < bytes.length) bytes[place] = each.byte;
      else if (each.kind === "drop")
        bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + each.count)]);
      else if (each.kind === "insert")
        bytes = Buffer.concat([bytes.subarray(0, place), each.bytes, bytes.subarray(place)]);
      else if (each.kind === "end") bytes = bytes.subarray(0, place);
    }
    return bytes;
  });
}

/** Text that something real has become, by the same changes. */
export function mutatedText(original: string): fc.Arbitrary<string> {
  return mutated(Buffer.from(original, "latin1")).map((bytes) => bytes.toString("latin1"));
}

/** The bytes in pieces, as a pipe or a network gives them. */
export function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
}
