// An error: what happened, what to do, and a button for each command to run.
// Never hides the code of the error from those who look for it.
import type { SerializedError } from "../../protocol/errors.ts";
import { CopyButton } from "./copy-button.tsx";
import { adviceParts } from "./format.ts";

/** The card. */
export function ErrorCard({ error }: { readonly error: SerializedError }) {
  const parts = adviceParts(error.fix);
  const command = parts.find((part) => part.command)?.text;
  return (
    <section class="error" role="alert" data-code={error.code}>
      <p class="error-message">{error.message}</p>
      <p class="error-fix">{parts.map((part) => (part.command ? <code>{part.text}</code> : part.text))}</p>
      {command !== undefined && <CopyButton text={command} label="Copy command" className="button small" />}
    </section>
  );
}
