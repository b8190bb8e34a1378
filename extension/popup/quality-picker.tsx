// The choice of quality: three in plain words, and all nine behind "More", each with its bitrate, its size and what it is for.
import { PROFILES, QUALITIES, type Quality } from "../../protocol/profiles.ts";
import { capOf, QUALITY_NAMES, videoOf } from "./format.ts";

/** The three that most people need. */
const COMMON = [
  ["low_bandwidth", "Saves data"],
  ["medium", "Balanced"],
  ["high", "Sharp"],
] as const satisfies readonly (readonly [Quality, string])[];

/** What a {@link QualityPicker} needs. */
export interface QualityPickerProps {
  readonly chosen: Quality;
  readonly disabled: boolean;
  readonly onChoose: (quality: Quality) => void;
}

/** The choice. */
export function QualityPicker({ chosen, disabled, onChoose }: QualityPickerProps) {
  const common = COMMON.some(([quality]) => quality === chosen);
  return (
    <fieldset class="qualities" disabled={disabled}>
      <legend>Quality</legend>
      <div class="choices">
        {COMMON.map(([quality, words]) => (
          <label class="choice" key={quality} data-chosen={quality === chosen}>
            <input
              type="radio"
              name="common-quality"
              value={quality}
              checked={quality === chosen}
              onChange={() => onChoose(quality)}
            />
            {words}
          </label>
        ))}
      </div>
      <p class="choice-note">
        {common ? "" : `${QUALITY_NAMES[chosen]}: `}
        {[videoOf(chosen), capOf(chosen)].join(", ")}
      </p>
      <details class="more-qualities">
        <summary>More qualities</summary>
        <div class="quality-list">
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
      </details>
    </fieldset>
  );
}
