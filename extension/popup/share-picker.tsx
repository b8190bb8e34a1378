// Who can open the links: a choice of three, before a stream and while it is live.
import { SHARES, type Share } from "../../protocol/options.ts";
import { text } from "../../protocol/sentence.ts";

const WORDS = {
  "this-computer": { name: "share.this_computer", detail: "share.this_computer_detail" },
  network: { name: "share.my_network", detail: "share.my_network_detail" },
  internet: { name: "share.anybody", detail: "share.anybody_detail" },
} as const satisfies Record<Share, object>;

/** What a {@link SharePicker} needs. */
export interface SharePickerProps {
  readonly chosen: Share;
  readonly disabled: boolean;
  /** What is said under it in place of what a choice means. */
  readonly note?: string;
  readonly onChoose: (share: Share) => void;
}

/** The choice. */
export function SharePicker({ chosen, disabled, note, onChoose }: SharePickerProps) {
  return (
    <fieldset class="shares" disabled={disabled}>
      <legend>{text("share.who")}</legend>
      <div class="choices">
        {SHARES.map((share) => (
          <label class="choice share" key={share} data-chosen={share === chosen}>
            <input
              type="radio"
              name="share"
              value={share}
              checked={share === chosen}
              onChange={() => onChoose(share)}
            />
            {text(WORDS[share].name)}
          </label>
        ))}
      </div>
      <p class="choice-note share-note" role="status">
        {note ?? text(WORDS[chosen].detail)}
      </p>
    </fieldset>
  );
}
