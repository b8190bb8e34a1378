// Where the stream goes beside its link: the places that the user has added, each to be chosen for the next stream, or as it is
// doing now; and a form for one more.
import { useEffect, useRef, useState } from "preact/hooks";
import { DESTINATION_SERVICES, SERVICE_NAMES } from "../../protocol/destination-services.ts";
import type { SavedDestination } from "../../protocol/extension-messages.ts";
import type { DestinationOptions } from "../../protocol/options.ts";
import type { DestinationStatus } from "../../protocol/results.ts";
import { say, text } from "../../protocol/sentence.ts";

const STATE_WORDS = {
  connecting: "places.connecting",
  live: "places.live",
  retrying: "places.retrying",
  failed: "places.failed",
  ended: "places.ended",
} as const satisfies Record<DestinationStatus["state"], string>;

/** What a user's own server may be: the place of its address, and what its secret is called. */
const OWN = {
  rtmp: { protocol: "RTMP", placeholder: "rtmp://server/application", secret: "places.key" },
  srt: { protocol: "SRT", placeholder: "srt://server:port", secret: "places.passphrase" },
  whip: { protocol: "WHIP", placeholder: "whip+https://server/endpoint", secret: "places.token" },
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
      <legend>{live === null ? text("places.next") : text("places.now")}</legend>
      {running.map(({ destination_id, name, state, error }) => (
        <div class="destination" key={destination_id} data-state={state}>
          <span class="destination-words">
            <span class="destination-name">{name}</span>
            <span class="destination-detail" title={error === null ? "" : say(error)}>
              {error === null ? text(STATE_WORDS[state]) : say(error)}
            </span>
          </span>
          <button type="button" class="button small" onClick={() => onRemove(destination_id)}>
            {text("places.stop")}
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
              {!has_key && <span class="destination-detail">{text("places.no_key")}</span>}
            </label>
          ) : (
            <span class="destination-words">
              <span class="destination-name">{name}</span>
            </span>
          )}
          {live !== null && (
            <button type="button" class="button small" onClick={() => onChoose(id, true)}>
              {text("places.send")}
            </button>
          )}
          <button
            type="button"
            class="button small"
            aria-label={text("places.forget_one", { name })}
            onClick={() => onForget(id)}
          >
            {text("places.forget")}
          </button>
        </div>
      ))}
      {adding ? (
        <NewDestination {...props} onDone={() => setAdding(false)} />
      ) : (
        <button type="button" class="text-button" onClick={() => setAdding(true)}>
          {text("places.add_hint")}
        </button>
      )}
    </fieldset>
  );
}

function NewDestination({ onSave, onDone }: Pick<DestinationListProps, "onSave"> & { onDone: () => void }) {
  const [kind, setKind] = useState<string>(SERVICE_NAMES[0]);
  const [address, setAddress] = useState("");
  const [key, setKey] = useState("");
  const [page, setPage] = useState("");
  const [keep, setKeep] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.scrollIntoView({ block: "nearest" }), [kind]);
  const own = kind in OWN ? OWN[kind as keyof typeof OWN] : null;
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const secret = key.trim();
    const url = own === null ? kind : address.trim();
    const watch_url = page.trim();
    const destination = { url, ...(secret && { key: secret }), ...(watch_url && { watch_url }) };
    onSave(destination, keep).then(onDone, () => {}); // the error is shown
  };
  return (
    <form class="new-destination" ref={form} onSubmit={save}>
      <select aria-label={text("places.where")} value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
        {SERVICE_NAMES.map((name) => (
          <option key={name} value={name}>
            {DESTINATION_SERVICES[name].title}
          </option>
        ))}
        {Object.entries(OWN).map(([name, { protocol }]) => (
          <option key={name} value={name}>
            {text("places.server", { protocol })}
          </option>
        ))}
      </select>
      {own !== null && (
        <input
          aria-label={text("places.address")}
          placeholder={own.placeholder}
          required
          spellcheck={false}
          value={address}
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
      )}
      <input
        type="password"
        aria-label={text(own?.secret ?? "places.key")}
        placeholder={text(own?.secret ?? "places.key")}
        required={own === null}
        autocomplete="off"
        value={key}
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      <input
        type="url"
        class="watch-page"
        aria-label={text("places.watch_page")}
        placeholder={text("places.watch_page")}
        spellcheck={false}
        value={page}
        onInput={(event) => setPage(event.currentTarget.value)}
      />
      <label class="keep">
        <input type="checkbox" checked={keep} onChange={() => setKeep(!keep)} />
        {text("places.keep")}
      </label>
      <span class="row">
        <button type="button" class="button small" onClick={onDone}>
          {text("places.cancel")}
        </button>
        <button type="submit" class="button small primary">
          {text("places.add")}
        </button>
      </span>
    </form>
  );
}
