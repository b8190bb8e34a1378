// A button that copies a link to the clipboard, and says so.
import { useEffect, useState } from "preact/hooks";
import { TEXT } from "../wording.ts";
import { icons } from "./icons.tsx";

/** ms for which the result of copying is shown. */
const RESULT_SHOWN = 2_000;

/** The button. `text` is asked for what to copy when it is pressed. */
export function CopyButton({ label, text }: { label: string; text: () => string }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  useEffect(() => {
    if (copied === null) return;
    const timer = setTimeout(() => setCopied(null), RESULT_SHOWN);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button type="button" class="link-button" onClick={() => void copy(text()).then(setCopied)}>
      {copied ? <icons.check /> : <icons.link />}
      <span aria-live="polite">{copied === null ? label : copied ? TEXT.copied : TEXT.copy_failed}</span>
    </button>
  );
}

/** Copies to the clipboard; false if the browser refuses. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyWithoutClipboard(text);
  }
}

/** Pages served over plain HTTP by another machine have no `navigator.clipboard`. */
function copyWithoutClipboard(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}
