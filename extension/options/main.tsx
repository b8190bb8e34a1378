// Entry of the options page: whether sites may ask, the sites that have been answered, each to be taken back; whether programs
// find the host.
import { render } from "preact";
import { useMemo, useState } from "preact/hooks";
import {
  BackgroundForOptionsContract,
  OPTIONS_PORT,
  type OptionsState,
  type Pairing,
} from "../../protocol/page-messages.ts";
import { StateConnection } from "../background-connection.ts";

const GROUPS = [
  {
    title: "Allowed",
    empty: "No site is paired yet. When a site asks, you decide.",
    action: "Revoke",
    has: (pairing: Pairing) => pairing.decision !== "never",
  },
  {
    title: "Blocked",
    empty: null,
    action: "Let it ask again",
    has: (pairing: Pairing) => pairing.decision === "never",
  },
] as const;

const WORDS = { once: "In one tab, until you close it", always: "Always", never: "Never" } as const;

function since(time: string): string {
  return new Date(time).toLocaleDateString(undefined, { day: "numeric", month: "long", year: "numeric" });
}

/** One site. A site that was allowed in several tabs has a line for each; taking it back is for all. */
function Site({ pairing, action, onRevoke }: { pairing: Pairing; action: string; onRevoke: () => void }) {
  return (
    <li class="site" data-origin={pairing.origin}>
      <div class="words">
        <p class="origin">
          <bdi>{pairing.origin.replace("chrome-extension://", "Extension ")}</bdi>
        </p>
        <p class="detail">
          {pairing.decision === "once" && pairing.tab_id === null
            ? "Until you close the browser"
            : WORDS[pairing.decision]}{" "}
          · since {since(pairing.since)}
        </p>
      </div>
      <button
        type="button"
        class={`button ${pairing.decision === "never" ? "" : "danger"}`}
        aria-label={`${action}: ${pairing.origin}`}
        onClick={onRevoke}
      >
        {action}
      </button>
    </li>
  );
}

/** The page. */
function App() {
  const [state, setState] = useState<OptionsState | null>(null);
  const background = useMemo(
    () =>
      new StateConnection({
        port: OPTIONS_PORT,
        background: BackgroundForOptionsContract,
        listeners: { state: setState },
        watch: (peer) => peer.call("watch", {}).then(setState),
      }),
    [],
  );
  if (!state) return <div class="loading" />;
  return (
    <>
      <header>
        <img src="/icons/icon-48.png" alt="" width="36" height="36" />
        <div>
          <h1>Paired sites</h1>
          <p class="lead">FlyBrowser Stream</p>
        </div>
      </header>
      <p class="intro">
        A paired site can stream and record its own tab once you have clicked the toolbar button there. It can't see any
        other tab. A paired extension can do the same in any tab where you have clicked the button.
      </p>
      <label class="switch">
        <span class="words">
          <span class="switch-name">Sites can ask to be paired</span>
          <span class="detail">When this is off, sites that aren't paired are refused without asking you.</span>
        </span>
        <input
          type="checkbox"
          role="switch"
          id="may-ask"
          checked={state.may_ask}
          aria-checked={state.may_ask}
          onChange={(event) => {
            background.peer.call("setMayAsk", { may_ask: event.currentTarget.checked }).catch(() => {});
          }}
        />
      </label>
      {GROUPS.map(({ title, empty, action, has }) => {
        const pairings = state.pairings.filter(has);
        if (pairings.length === 0 && empty === null) return null;
        return (
          <section key={title}>
            <h2>{title}</h2>
            {pairings.length === 0 ? (
              <p class="empty">{empty}</p>
            ) : (
              <ul>
                {pairings.map((pairing) => (
                  <Site
                    key={`${pairing.origin} ${pairing.tab_id}`}
                    pairing={pairing}
                    action={action}
                    onRevoke={() => {
                      background.peer.call("revoke", { origin: pairing.origin }).catch(() => {});
                    }}
                  />
                ))}
              </ul>
            )}
          </section>
        );
      })}
      <p class="foot">Revoking takes effect at once, and ends any stream or recording that the site has started.</p>
      <h2>Programs</h2>
      <label class="switch">
        <span class="words">
          <span class="switch-name">Programs on this computer can connect at any time</span>
          <span class="detail">
            Your scripts and the flybrowser command can then list tabs and streams whenever this browser is open. When
            this is off, they can do so only while a tab is being streamed or the popup is open. Either way, they can't
            start anything in a tab before you have clicked the toolbar button there.
          </span>
        </span>
        <input
          type="checkbox"
          role="switch"
          id="programs"
          checked={state.programs}
          aria-checked={state.programs}
          onChange={(event) => {
            background.peer.call("setPrograms", { programs: event.currentTarget.checked }).catch(() => {});
          }}
        />
      </label>
    </>
  );
}

const root = document.getElementById("app");
if (root) render(<App />, root);
