// The choice among the nine qualities: a radio group in a list, each with its bitrate, its size and what it is for.
import { useEffect, useRef } from "preact/hooks";
import { PROFILES, QUALITIES, type Quality } from "../../protocol/profiles.ts";
import { capOf, QUALITY_NAMES, videoOf } from "./format.ts";

/** What a {@link QualityPicker} needs. */
export interface QualityPickerProps {
  readonly chosen: Quality;
  readonly disabled: boolean;
  readonly onChoose: (quality: Quality) => void;
}

/** The list. */
export function QualityPicker({ chosen, disabled, onChoose }: QualityPickerProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector("input:checked")?.closest(".quality")?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <fieldset class="qualities" disabled={disabled}>
      <legend>Quality</legend>
      <div class="quality-list" ref={list}>
        {QUALITIES.map((quality) => (
          <label class="quality" key={quality} data-chosen={quality === chosen}>
            <input
              type="radio"
              name="quality"
              value={quality}
              checked={quality === chosen}
              onChange={() => onChoose(quality)}
            />
            <span class="quality-name">{QUALITY_NAMES[quality]}</span>
            <span class="quality-cap">{capOf(quality)}</span>
            <span class="quality-detail">
              {videoOf(quality)} · {PROFILES[quality].purpose}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
