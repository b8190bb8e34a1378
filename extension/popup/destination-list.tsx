// Where the stream goes beside its link: the places that the user has added, each to be chosen for the next stream, or as it is
// doing now; and a form for one more.
import { useState } from "preact/hooks";
import { DESTINATION_SERVICES, SERVICE_NAMES } from "../../protocol/destination-services.ts";
import type { SavedDestination } from "../../protocol/extension-messages.ts";
import type { DestinationOptions } from "../../protocol/options.ts";
import type { DestinationStatus } from "../../protocol/results.ts";
import { say } from "../../protocol/sentence.ts";

const STATE_WORDS: Readonly<Record<DestinationStatus["state"], string>> = {
  connecting: "Connecting",
  live: "Live",
  retrying: "Trying again",
  failed: "Failed",
  ended: "Ended",
};

/** What a user's own server may be: the place of its address, and what its secret is called. */
const OWN = {
  rtmp: { title: "RTMP server", placeholder: "rtmp://server/application", secret: "Stream key" },
  srt: { title: "SRT server", placeholder: "srt://server:port", secret: "Passphrase" },
  whip: { title: "WHIP server", placeholder: "whip+https://server/endpoint", secret: "Token" },
} as const;

/** What a {@link DestinationList} needs. */
export interface DestinationListProps {
  readonly saved: readonly SavedDestination[];
  /** Those of the stream that is live; `null`: none is. */
  readonly live: readonly DestinationStatus[] | null;
  readonly disabled: boolean;
  readonly onChoose: (id: string, on: boolean) => void;
  readonly onForget: (id: string) => void;
  readonly onRemove: (destination_id: string) => void;
  /** Rejects where it can't be added; the error is shown. */
  readonly onSave: (destination: DestinationOptions, keep_key: boolean) => Promise<unknown>;
}

/** The list. */
export function DestinationList(props: DestinationListProps) {
  const { saved, live, disabled, onChoose, onForget, onRemove } = props;
  const [adding, setAdding] = useState(false);
  const running = live?.filter(({ state }) => state !== "ended") ?? [];
  const idle = live === null ? saved : saved.filter(({ name }) => !running.some((each) => each.name === name));
  return (
    <fieldset class="destinations" disabled={disabled}>
      <legend>{live === null ? "Also send it to" : "Also sent to"}</legend>
      {running.map(({ destination_id, name, state, error }) => (
        <div class="destination" key={destination_id} data-state={state}>
          <span class="destination-words">
            <span class="destination-name">{name}</span>
            <span class="destination-detail" title={error === null ? "" : say(error)}>
              {error === null ? STATE_WORDS[state] : say(error)}
            </span>
          </span>
          <button type="button" class="button small" onClick={() => onRemove(destination_id)}>
            Stop
          </button>
        </div>
      ))}
      {idle.map(({ id, name, on, has_key }) => (
        <div class="destination" key={id}>
          {live === null ? (
            <label class="destination-words">
              <span class="destination-name">
                <input type="checkbox" checked={on} onChange={() => onChoose(id, !on)} />
                {name}
              </span>
              {!has_key && <span class="destination-detail">Without a key; add it anew if it needs one</span>}
            </label>
          ) : (
            <span class="destination-words">
              <span class="destination-name">{name}</span>
            </span>
          )}
          {live !== null && (
            <button type="button" class="button small" onClick={() => onChoose(id, true)}>
              Send
            </button>
          )}
          <button type="button" class="button small" aria-label={`Forget ${name}`} onClick={() => onForget(id)}>
            Forget
          </button>
        </div>
      ))}
      {adding ? (
        <NewDestination {...props} onDone={() => setAdding(false)} />
      ) : (
        <button type="button" class="text-button" onClick={() => setAdding(true)}>
          Add Twitch, YouTube, Facebook or a server
        </button>
      )}
    </fieldset>
  );
}

function NewDestination({ onSave, onDone }: Pick<DestinationListProps, "onSave"> & { onDone: () => void }) {
  const [kind, setKind] = useState<string>(SERVICE_NAMES[0]);
  const [address, setAddress] = useState("");
  const [key, setKey] = useState("");
  const [keep, setKeep] = useState(false);
  const own = kind in OWN ? OWN[kind as keyof typeof OWN] : null;
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const secret = key.trim();
    const url = own === null ? kind : address.trim();
    onSave({ url, ...(secret === "" ? {} : { key: secret }) }, keep).then(onDone, () => {}); // the error is shown
  };
  return (
    <form class="new-destination" onSubmit={save}>
      <select aria-label="Where to" value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
        {SERVICE_NAMES.map((name) => (
          <option key={name} value={name}>
            {DESTINATION_SERVICES[name].title}
          </option>
        ))}
        {Object.entries(OWN).map(([name, { title }]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
      {own !== null && (
        <input
          aria-label="Address"
          placeholder={own.placeholder}
          required
          spellcheck={false}
          value={address}
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
      )}
      <input
        type="password"
        aria-label={own?.secret ?? "Stream key"}
        placeholder={own?.secret ?? "Stream key"}
        required={own === null}
        autocomplete="off"
        value={key}
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      <label class="keep">
        <input type="checkbox" checked={keep} onChange={() => setKeep(!keep)} />
        Keep it on this computer
      </label>
      <span class="row">
        <button type="button" class="button small" onClick={onDone}>
          Cancel
        </button>
        <button type="submit" class="button small primary">
          Add
        </button>
      </span>
    </form>
  );
}
