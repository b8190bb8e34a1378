// Entry of the options page: whether sites may ask, the sites that have been answered, each to be taken back; whether programs
// find the host.
import { render } from "preact";
import { useMemo, useState } from "preact/hooks";
import {
  BackgroundForOptionsContract,
  OPTIONS_PORT,
  type OptionsState,
  type Pairing,
  patternOf,
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

/** A site as it was typed: without a scheme https is meant, but for this computer. */
function patternOfWords(words: string): string | null {
  const address = words.trim();
  if (address.includes("://")) return patternOf(address);
  return patternOf(`${/^(localhost|127\.[\d.]+|\[::1\])(:|\/|$)/.test(address) ? "http" : "https"}://${address}`);
}

/** The sites that have the page API, and the way to let in another. */
function Sites({
  sites,
  onAllow,
  onRemove,
}: {
  sites: readonly string[];
  onAllow: (pattern: string) => void;
  onRemove: (pattern: string) => void;
}) {
  const [problem, setProblem] = useState("");
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem("site") as HTMLInputElement;
    const pattern = patternOfWords(input.value);
    if (pattern === null) return setProblem("Enter the address of a site, like https://example.com.");
    // Chrome's own question; it has to be asked in the click itself.
    if (!(await chrome.permissions.request({ origins: [pattern] }))) {
      return setProblem("Chrome was told not to let the extension into that site.");
    }
    setProblem("");
    input.value = "";
    onAllow(pattern);
  };
  return (
    <section>
      <h2>Sites that see the page API</h2>
      <p class="intro">
        A site in this list has window.flybrowser and can ask to be paired. No other site can tell that FlyBrowser
        Stream is there. Reload a page after you have added its site.
      </p>
      {sites.length > 0 && (
        <ul class="api-sites">
          {sites.map((pattern) => (
            <li class="site" key={pattern} data-pattern={pattern}>
              <p class="words origin">
                <bdi>{pattern.replace("/*", "")}</bdi>
              </p>
              <button type="button" class="button danger" onClick={() => onRemove(pattern)}>
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      <form class="add-site" onSubmit={(event) => void submit(event)}>
        <input name="site" placeholder="https://example.com" aria-label="Address of a site" spellcheck={false} />
        <button type="submit" class="button" id="add-site">
          Add site
        </button>
      </form>
      <p class="problem" role="alert">
        {problem}
      </p>
    </section>
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
      <Sites
        sites={state.sites}
        onAllow={(pattern) => background.peer.call("allowSite", { pattern }).catch(() => {})}
        onRemove={(pattern) => background.peer.call("removeSite", { pattern }).catch(() => {})}
      />
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
