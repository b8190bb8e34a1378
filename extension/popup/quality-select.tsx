// The quality of a stream that is live, and the choice of another one.
import { QUALITIES, type Quality } from "../../protocol/profiles.ts";
import type { StreamInfo } from "../../protocol/results.ts";
import { text } from "../../protocol/sentence.ts";
import { QUALITY_WORDS } from "./format.ts";

/** What a {@link QualitySelect} needs. */
export interface QualitySelectProps {
  readonly stream: Pick<StreamInfo, "quality">;
  /** What it is about to become; `null`: nothing else. */
  readonly becomes: Quality | null;
  readonly disabled: boolean;
  readonly onChoose: (quality: Quality) => void;
}

/** The choice; `lossless` stays what it is, and nothing else becomes so. */
export function QualitySelect({ stream: { quality }, becomes, disabled, onChoose }: QualitySelectProps) {
  if (quality === "lossless") return text(QUALITY_WORDS.lossless.name);
  return (
    <select
      class="quality-select"
      aria-labelledby="live-quality"
      aria-busy={becomes !== null}
      disabled={disabled || becomes !== null}
      value={becomes ?? quality}
      onChange={({ currentTarget: { value } }) => onChoose(value as Quality)}
    >
      {QUALITIES.filter((each) => each !== "lossless").map((each) => (
        <option key={each} value={each}>
          {text(QUALITY_WORDS[each].name)}
        </option>
      ))}
    </select>
  );
}
