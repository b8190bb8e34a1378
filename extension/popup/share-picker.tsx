// Who can open the links: a choice of three, before a stream and while it is live.
import { SHARES, type Share } from "../../protocol/options.ts";

const WORDS: Readonly<Record<Share, { readonly name: string; readonly detail: string }>> = {
  "this-computer": { name: "This computer", detail: "The link opens on this computer only." },
  network: { name: "My network", detail: "Whoever is on your network and has the link can watch." },
  internet: { name: "Anybody", detail: "Anybody with the link can watch, through a tunnel or your own server." },
};

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
      <legend>Who can watch</legend>
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
            {WORDS[share].name}
          </label>
        ))}
      </div>
      <p class="choice-note share-note" role="status">
        {note ?? WORDS[chosen].detail}
      </p>
    </fieldset>
  );
}
