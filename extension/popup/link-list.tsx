// The links of the running stream: whom each is for, until when, who watches by it; one more, and the end of one.
import { useState } from "preact/hooks";
import type { CreateLinkOptions, LinkStatus } from "../../protocol/links.ts";
import { text } from "../../protocol/sentence.ts";
import { CopyButton } from "./copy-button.tsx";
import { viewers } from "./format.ts";

/** How long a new link opens the stream, by the words for it; s. */
const LIVES = [
  ["links.whole_stream", null],
  ["links.ten_minutes", 600],
  ["links.hour", 3_600],
  ["links.day", 86_400],
] as const;

/** What a {@link LinkList} needs. */
export interface LinkListProps {
  readonly links: readonly LinkStatus[];
  readonly onCreate: (options: CreateLinkOptions) => void;
  readonly onRevoke: (link_id: string) => void;
}

/** The list, closed at first. */
export function LinkList({ links, onCreate, onRevoke }: LinkListProps) {
  const [name, setName] = useState("");
  const [life, setLife] = useState<number | null>(null);
  const create = (event: SubmitEvent) => {
    event.preventDefault();
    onCreate({ ...(name.trim() === "" ? {} : { name: name.trim() }), ...(life === null ? {} : { expires_in: life }) });
    setName("");
  };
  return (
    <details class="links">
      <summary>{links.length === 1 ? text("links.one") : text("links.many", { count: links.length })}</summary>
      <ul>
        {links.map((link, index) => (
          <li key={link.link_id}>
            <span class="link-words">
              <span class="link-name">
                {link.name ?? (index === 0 ? text("links.first") : text("links.numbered", { number: index + 1 }))}
              </span>
              <span class="link-detail">{[viewers(link.viewers), ...until(link)].join(" · ")}</span>
            </span>
            <CopyButton text={link.player_url} label={text("links.copy")} className="button small" />
            <button type="button" class="button small danger" onClick={() => onRevoke(link.link_id)}>
              {text("links.revoke")}
            </button>
          </li>
        ))}
      </ul>
      <form class="new-link" onSubmit={create}>
        <input
          aria-label={text("links.whom")}
          placeholder={text("links.whom")}
          maxLength={80}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <select
          aria-label={text("links.life")}
          onChange={(event) => setLife(LIVES[event.currentTarget.selectedIndex]?.[1] ?? null)}
        >
          {LIVES.map(([words]) => (
            <option key={words}>{text(words)}</option>
          ))}
        </select>
        <button type="submit" class="button small">
          {text("links.new")}
        </button>
      </form>
    </details>
  );
}

function until({ expires_at }: LinkStatus): string[] {
  if (expires_at === null) return [];
  const time = new Date(expires_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return [text("links.until", { time })];
}
