// The prompt: who asks, in the browser's words; what it means, in ours; what for, in the site's, which can't push ours
// out of sight; and the answers, which take no click that was under way before they could be read.
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Decision, PairingRequest } from "../../protocol/page-messages.ts";
import { text } from "../../protocol/sentence.ts";

/** ms for which the answers can't be clicked after the window came up, or came back to the front. */
const READ_FIRST = 700;

/** Whether the window has been in front for long enough for its reader. */
function useArmed(): boolean {
  const [armed, setArmed] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(timer);
      setArmed(false);
      timer = setTimeout(() => setArmed(true), READ_FIRST);
    };
    wait();
    window.addEventListener("focus", wait);
    document.addEventListener("visibilitychange", wait);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("focus", wait);
      document.removeEventListener("visibilitychange", wait);
    };
  }, []);
  return armed;
}

/** Makes the window as high as what it says: nothing of it should have to be looked for. */
function fit(): void {
  const missing = document.documentElement.scrollHeight - window.innerHeight;
  if (missing > 0) window.resizeBy(0, missing);
}

const ONLY_ONCE = { not_secure: "prompt.not_secure", incognito: "prompt.incognito" } as const;

/**
 * An origin taken apart for people. `foreign`: the host is written in letters beyond a to z; it stays punycode, since those
 * letters could look like another site's.
 */
export function siteParts(origin: string) {
  const { protocol, hostname, port } = new URL(origin);
  const foreign = hostname.split(".").some((label) => label.startsWith("xn--"));
  return { scheme: protocol.replace(":", ""), host: hostname, port, foreign };
}

/** What a {@link Prompt} needs. */
export interface PromptProps {
  readonly request: PairingRequest;
  readonly onAnswer: (decision: Decision) => void;
}

/** The prompt. */
export function Prompt({ request, onAnswer }: PromptProps) {
  const armed = useArmed();
  const [answered, setAnswered] = useState(false);
  const { scheme, host, port, foreign } = siteParts(request.origin);
  const { only_once, purpose } = request;
  const answer = (decision: Decision) => {
    setAnswered(true);
    onAnswer(decision);
  };
  useLayoutEffect(fit, []);
  const extension = scheme === "chrome-extension";
  const disabled = !armed || answered;
  return (
    <>
      <header>
        <img src="/icons/icon-48.png" alt="" width="32" height="32" />
        <p>{text("page.product")}</p>
      </header>
      <section class="body">
        <h1>{text(extension ? "prompt.extension" : "prompt.site")}</h1>
        <p class="site" title={request.origin}>
          <span class="scheme" data-secure={only_once !== "not_secure"}>{`${scheme}://`}</span>
          <bdi class="host">{host}</bdi>
          {port !== "" && <span class="port">{`:${port}`}</span>}
        </p>
        {foreign && <p class="note">{text("prompt.foreign")}</p>}
        {only_once !== null && <p class="note">{text(ONLY_ONCE[only_once])}</p>}
        <ul class="means">
          <li>{text(extension ? "prompt.can_extension" : "prompt.can")}</li>
          <li>{text(extension ? "prompt.only_extension" : "prompt.only")}</li>
        </ul>
        {purpose !== "" && (
          <figure class="purpose">
            <figcaption>{text("prompt.purpose")}</figcaption>
            <blockquote>
              <bdi>{purpose}</bdi>
            </blockquote>
          </figure>
        )}
      </section>
      <footer>
        <div class="row">
          <button type="button" class="button" id="never" disabled={disabled} onClick={() => answer("never")}>
            {text("prompt.never")}
          </button>
          <span class="gap" />
          {only_once === null && (
            <button type="button" class="button" id="always" disabled={disabled} onClick={() => answer("always")}>
              {text("prompt.always")}
            </button>
          )}
          <button type="button" class="button primary" id="once" disabled={disabled} onClick={() => answer("once")}>
            {text("prompt.once")}
          </button>
        </div>
        <p class="hint">{text(extension ? "prompt.hint_extension" : "prompt.hint")}</p>
      </footer>
    </>
  );
}
