// The choice of quality: three in plain words, and all nine behind "More", each with its bitrate, its size and what it is for.
import { QUALITIES, type Quality } from "../../protocol/profiles.ts";
import { type SentenceCode, text } from "../../protocol/sentence.ts";
import { capOf, QUALITY_WORDS, videoOf } from "./format.ts";

/** The three that most people need. */
const COMMON = [
  ["low_bandwidth", "popup.saves_data"],
  ["medium", "popup.balanced"],
  ["high", "popup.sharp"],
] as const satisfies readonly (readonly [Quality, SentenceCode])[];

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
      <legend>{text("popup.quality")}</legend>
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
            {text(words)}
          </label>
        ))}
      </div>
      <p class="choice-note">
        {common ? "" : `${text(QUALITY_WORDS[chosen].name)}: `}
        {[videoOf(chosen), capOf(chosen)].join(", ")}
      </p>
      <details class="more-qualities">
        <summary>{text("popup.more_qualities")}</summary>
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
              <span class="quality-name">{text(QUALITY_WORDS[quality].name)}</span>
              <span class="quality-cap">{capOf(quality)}</span>
              <span class="quality-detail">
                {videoOf(quality)} · {text(QUALITY_WORDS[quality].purpose)}
              </span>
            </label>
          ))}
        </div>
      </details>
    </fieldset>
  );
}
