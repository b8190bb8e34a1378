// An error: what happened, what to do, and a button that copies the command to run.
import { useEffect, useRef } from "preact/hooks";
import { errorInWords, type SerializedError } from "../../protocol/errors.ts";
import { spokenLanguage, text } from "../../protocol/sentence.ts";
import { CopyButton } from "./copy-button.tsx";
import { splitAdvice } from "./format.ts";

/** The card. */
export function ErrorCard({ error }: { readonly error: SerializedError }) {
  const { message, fix } = errorInWords(error, spokenLanguage());
  const pieces = splitAdvice(fix);
  const command = pieces.find(({ command }) => command)?.text;
  const card = useRef<HTMLElement>(null);
  useEffect(() => card.current?.scrollIntoView({ block: "nearest" }), [message]); // the popup may be scrolled elsewhere
  return (
    <section class="error" ref={card} role="alert" data-code={error.code}>
      <p class="error-message">{message}</p>
      <p class="error-fix">{pieces.map(({ text, command }) => (command ? <code>{text}</code> : text))}</p>
      {command !== undefined && (
        <CopyButton text={command} label={text("popup.copy_command")} className="button small" />
      )}
    </section>
  );
}
