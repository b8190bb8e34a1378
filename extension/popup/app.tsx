// The popup as a whole: header, then either what will be streamed, the buttons and how, or the running stream and the buttons. At rest
// they stand above all whose height is that of a language or a choice. It shows the state that the service worker sends, until it has a
// first one, and keeps none of its own but the choices.
import { useEffect, useMemo, useState } from "preact/hooks";
import browser from "webextension-polyfill";
import { type SerializedError, serializeError } from "../../protocol/errors.ts";
import { BackgroundForPopupContract, POPUP_PORT, type PopupState } from "../../protocol/extension-messages.ts";
import type { Share } from "../../protocol/options.ts";
import type { Quality } from "../../protocol/profiles.ts";
import { say, sentence, text } from "../../protocol/sentence.ts";
import { StateConnection } from "../background-connection.ts";
import { ClipRow } from "./clip-row.tsx";
import { DestinationList } from "./destination-list.tsx";
import { ErrorCard } from "./error-card.tsx";
import { siteOf } from "./format.ts";
import { LiveView } from "./live-view.tsx";
import { OtherTabs } from "./other-tabs.tsx";
import { QualityPicker } from "./quality-picker.tsx";
import { RecordingRow } from "./recording-row.tsx";
import { SharePicker } from "./share-picker.tsx";
import { TabCard } from "./tab-card.tsx";
import { useAfterPaint } from "./use-after-paint.ts";

const PHASE_WORDS = {
  idle: "popup.idle",
  starting: "popup.starting",
  live: "popup.live",
  recovering: "popup.recovering",
  stopping: "popup.stopping",
} as const;

/** What the button says that ends a stream, or its start. */
const STOP_WORDS = {
  starting: "popup.cancel",
  live: "popup.stop",
  recovering: "popup.stop",
  stopping: "popup.stopping_now",
} as const;

/** What the popup is about, and what it shows until the service worker says how things are; `null`: nothing. */
export interface AppProps {
  readonly tab_id: number;
  readonly first: PopupState | null;
}

/** The popup about one tab. */
export function App({ tab_id, first }: AppProps) {
  const [known, setState] = useState<PopupState | null>(null);
  const state = known ?? first;
  const background = useMemo(
    () =>
      new StateConnection({
        port: POPUP_PORT,
        background: BackgroundForPopupContract,
        listeners: { state: setState },
        watch: (peer) => peer.call("watch", { tab_id }).then(setState),
        later: first !== null,
      }),
    [tab_id],
  );
  useAfterPaint(() => void background.peer, [background]);
  const [quality, setQuality] = useState<Quality | null>(null);
  const [sharing, setSharing] = useState<Share | null>(null);
  const [sound, setSound] = useState<boolean | null>(null);
  const [recordToo, setRecordToo] = useState(false);
  const [refusal, setRefusal] = useState<SerializedError | null>(null);
  const phase = state?.phase ?? "idle";
  const recorded = state !== null && ["starting", "recording", "stopping"].includes(state.recording_phase);
  useEffect(() => {
    document.documentElement.dataset.phase = state ? phase : "loading";
    document.documentElement.dataset.recorded = String(recorded);
  }, [state, phase, recorded]);
  if (!state) return <div class="loading" />;

  const chosen = quality ?? state.quality;
  const choose = (next: Quality) => {
    setQuality(next);
    background.peer.call("setQuality", { tab_id, quality: next }).catch(() => {});
  };
  // What fails is in the state: the service worker keeps it, for a popup that is opened later too.
  const audio = sound ?? state.audio;
  const start = () => {
    const share = sharing ?? known?.share; // else the service worker takes what was chosen last, or the host's own
    const options = recorded ? { share } : { quality: chosen, audio, share }; // a tab that is recorded is encoded already
    background.peer.call("startStream", { tab_id, options, record: recordToo && !recorded }).catch(() => {});
  };
  const chooseSound = (next: boolean) => {
    setSound(next);
    background.peer.call("setAudio", { audio: next }).catch(() => {});
  };
  const share = (next: Share) => {
    setSharing(next);
    setRefusal(null);
    background.peer
      .call("setShare", { tab_id, share: next })
      .catch((thrown: unknown) => setRefusal(serializeError(thrown)))
      .finally(() => setSharing(null));
  };
  const becomes = (next: Quality) => {
    setQuality(next);
    setRefusal(null);
    background.peer
      .call("setQuality", { tab_id, quality: next })
      .catch((thrown: unknown) => setRefusal(serializeError(thrown)))
      .finally(() => setQuality(null));
  };
  /** Has something changed; what is refused is shown. */
  const change = (change: Promise<unknown>): Promise<unknown> => {
    setRefusal(null);
    change.catch((thrown: unknown) => setRefusal(serializeError(thrown)));
    return change;
  };
  const act = (method: "stopStream" | "startRecording" | "stopRecording") =>
    background.peer.call(method, { tab_id }).catch(() => {});
  const clip = () => {
    setRefusal(null);
    const made = background.peer.call("makeClip", { tab_id });
    made.catch((thrown: unknown) => setRefusal(serializeError(thrown)));
    return made;
  };
  const { stream, tab } = state;
  const error = state.error ?? refusal;
  const showsStream = stream !== null && phase !== "idle" && phase !== "starting";
  const destinations = (
    <DestinationList
      saved={state.destinations}
      live={showsStream ? stream.destinations : null}
      disabled={phase === "starting" || phase === "stopping"}
      onChoose={(id, on) => void change(background.peer.call("chooseDestination", { tab_id, id, on })).catch(() => {})}
      onForget={(id) => void change(background.peer.call("forgetDestination", { id })).catch(() => {})}
      onRemove={(destination_id) =>
        void change(background.peer.call("removeDestination", { tab_id, destination_id })).catch(() => {})
      }
      onSave={(destination, keep_key) =>
        change(background.peer.call("saveDestination", { tab_id, destination, keep_key }))
      }
    />
  );

  const news = (
    <>
      <RecordingRow
        phase={state.recording_phase}
        recording={state.recording}
        onStop={() => act("stopRecording")}
        onOpen={(way) => void change(background.peer.call("openRecording", { tab_id, way })).catch(() => {})}
      />
      {error && <ErrorCard error={error} />}
      {!error && phase === "idle" && tab.not_capturable !== null && (
        <section class="error" role="alert" data-code="tab_not_capturable">
          <p class="error-message">{say(sentence("tab_not_capturable", { reason: tab.not_capturable }))}</p>
          <p class="error-fix">{text("popup.normal_page")}</p>
        </section>
      )}
    </>
  );
  const actions = (
    <div class={recorded ? "actions" : "actions two"}>
      {phase === "idle" ? (
        <button type="button" class="button primary wide" disabled={tab.not_capturable !== null} onClick={start}>
          {error ? text("popup.again") : text("popup.start")}
        </button>
      ) : (
        <button
          type="button"
          class="button danger wide"
          disabled={phase === "stopping"}
          onClick={() => act("stopStream")}
        >
          {text(STOP_WORDS[phase])}
        </button>
      )}
      {!recorded && (
        <button
          type="button"
          class="button wide record"
          disabled={phase === "starting" || phase === "stopping" || tab.not_capturable !== null}
          onClick={() => act("startRecording")}
        >
          {text("popup.record")}
        </button>
      )}
      <div class="progress" aria-hidden="true" />
    </div>
  );
  return (
    <>
      <header>
        <img src="/icons/icon-48.png" alt="" width="28" height="28" />
        <div class="titles">
          <h1>{text("page.product")}</h1>
          {showsStream && (
            <p class="tab" title={tab.title}>
              {tab.title || siteOf(tab.url) || text("popup.this_tab")}
            </p>
          )}
        </div>
        <span class="phase" role="status">
          {text(phase === "idle" && recorded ? "popup.recording" : PHASE_WORDS[phase])}
        </span>
        <button
          type="button"
          class="settings"
          aria-label={text("popup.settings")}
          title={text("popup.settings_hint")}
          onClick={() => void browser.runtime.openOptionsPage()}
        >
          <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
            <path
              d="M4 7h9m5 0h2M4 17h2m5 0h9M15.5 4.5v5M8.5 14.5v5"
              fill="none"
              stroke="currentColor"
              stroke-width="2"
              stroke-linecap="round"
            />
          </svg>
        </button>
      </header>
      {showsStream ? (
        <>
          <div class="body">
            <LiveView
              stream={stream}
              recovering={phase === "recovering"}
              quality={quality}
              onQuality={becomes}
              onShare={share}
              onCreateLink={(options) =>
                void change(background.peer.call("createLink", { tab_id, options })).catch(() => {})
              }
              onRevokeLink={(link_id) =>
                void change(background.peer.call("revokeLink", { tab_id, link_id })).catch(() => {})
              }
              sharing={sharing}
            />
            {news}
            {destinations}
            {phase === "live" && <ClipRow onClip={clip} />}
            <OtherTabs others={state.others} />
          </div>
          {actions}
        </>
      ) : (
        <>
          <TabCard tab={tab} />
          {actions}
          <div class="body">
            {news}
            <QualityPicker chosen={chosen} disabled={phase !== "idle" || recorded} onChoose={choose} />
            <div class="switches">
              <label>
                <input
                  type="checkbox"
                  id="sound"
                  checked={audio}
                  disabled={phase !== "idle" || recorded}
                  onChange={() => chooseSound(!audio)}
                />
                {text("popup.sound")}
              </label>
              {!recorded && (
                <label>
                  <input
                    type="checkbox"
                    id="record-too"
                    checked={recordToo}
                    disabled={phase !== "idle"}
                    onChange={() => setRecordToo(!recordToo)}
                  />
                  {text("popup.record_too")}
                </label>
              )}
            </div>
            <SharePicker chosen={sharing ?? state.share} disabled={phase !== "idle"} onChoose={share} />
            {destinations}
            <OtherTabs others={state.others} />
          </div>
        </>
      )}
    </>
  );
}
