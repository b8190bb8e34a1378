// Entry of the options page: whether sites may ask, the sites that have been answered, each to be taken back; whether programs
// find the host.
import { render } from "preact";
import { useMemo, useState } from "preact/hooks";
import { day, speakOnPage } from "../../protocol/languages.ts";
import {
  BackgroundForOptionsContract,
  OPTIONS_PORT,
  type OptionsState,
  type Pairing,
  patternOf,
} from "../../protocol/page-messages.ts";
import { text } from "../../protocol/sentence.ts";
import { StateConnection } from "../background-connection.ts";

const EXTENSION = "chrome-extension://";

const GROUPS = [
  {
    title: "options.allowed",
    empty: "options.none_allowed",
    action: "options.revoke",
    has: (pairing: Pairing) => pairing.decision !== "never",
  },
  {
    title: "options.blocked",
    empty: null,
    action: "options.unblock",
    has: (pairing: Pairing) => pairing.decision === "never",
  },
] as const;

const WORDS = { once: "options.once", always: "options.always", never: "options.never" } as const;

/** One site. A site that was allowed in several tabs has a line for each; taking it back is for all. */
function Site({ pairing, action, onRevoke }: { pairing: Pairing; action: string; onRevoke: () => void }) {
  const decision = text(
    pairing.decision === "once" && pairing.tab_id === null ? "options.once_extension" : WORDS[pairing.decision],
  );
  const { origin } = pairing;
  return (
    <li class="site" data-origin={pairing.origin}>
      <div class="words">
        <p class="origin">
          <bdi>
            {origin.startsWith(EXTENSION) ? text("options.extension", { id: origin.slice(EXTENSION.length) }) : origin}
          </bdi>
        </p>
        <p class="detail">{text("options.since", { decision, date: day(pairing.since) })}</p>
      </div>
      <button
        type="button"
        class={`button ${pairing.decision === "never" ? "" : "danger"}`}
        aria-label={text("options.action_for", { action, site: origin })}
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
    if (pattern === null) return setProblem(text("options.enter_site"));
    // Chrome's own question; it has to be asked in the click itself.
    if (!(await chrome.permissions.request({ origins: [pattern] }))) {
      return setProblem(text("options.chrome_refused"));
    }
    setProblem("");
    input.value = "";
    onAllow(pattern);
  };
  return (
    <section>
      <h2>{text("options.api_sites")}</h2>
      <p class="intro">{text("options.api_sites_intro")}</p>
      {sites.length > 0 && (
        <ul class="api-sites">
          {sites.map((pattern) => (
            <li class="site" key={pattern} data-pattern={pattern}>
              <p class="words origin">
                <bdi>{pattern.replace("/*", "")}</bdi>
              </p>
              <button type="button" class="button danger" onClick={() => onRemove(pattern)}>
                {text("options.remove")}
              </button>
            </li>
          ))}
        </ul>
      )}
      <form class="add-site" onSubmit={(event) => void submit(event)}>
        <input
          name="site"
          placeholder="https://example.com"
          aria-label={text("options.site_address")}
          spellcheck={false}
        />
        <button type="submit" class="button" id="add-site">
          {text("options.add_site")}
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
          <h1>{text("popup.settings")}</h1>
          <p class="lead">{text("page.product")}</p>
        </div>
      </header>
      <section>
        <h2>{text("options.title")}</h2>
        <p class="intro">{text("options.intro")}</p>
      </section>
      <label class="switch">
        <span class="words">
          <span class="switch-name">{text("options.may_ask")}</span>
          <span class="detail">{text("options.may_ask_detail")}</span>
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
            <h2>{text(title)}</h2>
            {pairings.length === 0 ? (
              <p class="empty">{empty && text(empty)}</p>
            ) : (
              <ul>
                {pairings.map((pairing) => (
                  <Site
                    key={`${pairing.origin} ${pairing.tab_id}`}
                    pairing={pairing}
                    action={text(action)}
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
      <p class="foot">{text("options.foot")}</p>
      <section>
        <h2>{text("options.programs")}</h2>
        <label class="switch">
          <span class="words">
            <span class="switch-name">{text("options.programs_connect")}</span>
            <span class="detail">{text("options.programs_detail")}</span>
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
      </section>
    </>
  );
}

await speakOnPage([chrome.i18n.getUILanguage()]);
document.title = `${text("page.product")}: ${text("popup.settings")}`;
const root = document.getElementById("app");
if (root) render(<App />, root);
