// A link as a QR code, for a phone's camera: dark on light whatever the colours around it, as readers want it.
import { generate } from "lean-qr";
import { toSvgPath } from "lean-qr/extras/svg";
import { useMemo } from "preact/hooks";
import { say, sentence } from "../../protocol/sentence.ts";

/** Light modules around the code (ISO 18004, 9.1). */
const QUIET = 4;

/** The code. */
export function QrCode({ text }: { readonly text: string }) {
  const { path, size } = useMemo(() => {
    const code = generate(text);
    return { path: toSvgPath(code), size: code.size };
  }, [text]);
  return (
    <svg
      class="qr"
      role="img"
      aria-label={say(sentence("popup.qr"))}
      viewBox={`${-QUIET} ${-QUIET} ${size + 2 * QUIET} ${size + 2 * QUIET}`}
      shape-rendering="crispEdges"
    >
      <rect x={-QUIET} y={-QUIET} width="100%" height="100%" fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
