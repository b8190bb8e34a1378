// The last half minute of the stream as a file, at a click; afterwards, where it is.
import { useState } from "preact/hooks";
import type { ClipResult } from "../../protocol/clips.ts";
import { text } from "../../protocol/sentence.ts";
import { duration, fileName } from "./format.ts";

/** The row. `onClip` rejects where there is none; the error is shown elsewhere. */
export function ClipRow({ onClip }: { readonly onClip: () => Promise<ClipResult> }) {
  const [making, setMaking] = useState(false);
  const [clip, setClip] = useState<ClipResult | null>(null);
  const make = () => {
    setMaking(true);
    setClip(null);
    onClip()
      .then(setClip, () => {})
      .finally(() => setMaking(false));
  };
  return (
    <div class="clip">
      <button type="button" class="text-button" disabled={making} onClick={make}>
        {making ? text("popup.clip_making") : text("popup.clip")}
      </button>
      {clip !== null && (
        <p class="choice-note" role="status" title={clip.file_path}>
          {text("popup.clip_done", { duration: duration(clip.duration_seconds), file: fileName(clip.file_path) })}
        </p>
      )}
    </div>
  );
}
