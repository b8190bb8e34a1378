// A button that copies a text and says so for a moment, without changing its size.
import { useEffect, useState } from "preact/hooks";
import { say, sentence } from "../../protocol/sentence.ts";

/** ms for which the button says that it has copied. */
const SAYS_SO_FOR = 1_600;

/** What a {@link CopyButton} needs. */
export interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  readonly className?: string;
  /** Copies by itself when it appears. */
  readonly atOnce?: boolean;
}

/** The button. */
export function CopyButton({ text, label, className = "button", atOnce = false }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAYS_SO_FOR);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  useEffect(() => {
    if (atOnce && text !== "") copy();
  }, []);
  return (
    <button type="button" class={`${className} copy`} onClick={copy} data-copied={copied}>
      <span class="copy-label">{label}</span>
      <span class="copy-done" aria-live="polite">
        {copied ? say(sentence("page.copied")) : ""}
      </span>
    </button>
  );
}
