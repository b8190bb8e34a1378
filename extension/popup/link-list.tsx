// The links of the running stream: whom each is for, until when, who watches by it; one more, and the end of one.
import { useState } from "preact/hooks";
import type { CreateLinkOptions, LinkStatus } from "../../protocol/links.ts";
import { CopyButton } from "./copy-button.tsx";
import { viewers } from "./format.ts";

/** How long a new link opens the stream, by the words for it; s. */
const LIVES: readonly (readonly [string, number | null])[] = [
  ["Until the stream ends", null],
  ["10 minutes", 600],
  ["1 hour", 3_600],
  ["1 day", 86_400],
];

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
      <summary>{links.length === 1 ? "1 link" : `${links.length} links`}</summary>
      <ul>
        {links.map((link, index) => (
          <li key={link.link_id}>
            <span class="link-words">
              <span class="link-name">{link.name ?? (index === 0 ? "First link" : `Link ${index + 1}`)}</span>
              <span class="link-detail">{[viewers(link.viewers), ...until(link)].join(" · ")}</span>
            </span>
            <CopyButton text={link.player_url} label="Copy" className="button small" />
            <button type="button" class="button small danger" onClick={() => onRevoke(link.link_id)}>
              Revoke
            </button>
          </li>
        ))}
      </ul>
      <form class="new-link" onSubmit={create}>
        <input
          aria-label="Whom the link is for"
          placeholder="Whom it is for"
          maxLength={80}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <select
          aria-label="How long the link works"
          onChange={(event) => setLife(LIVES[event.currentTarget.selectedIndex]?.[1] ?? null)}
        >
          {LIVES.map(([words]) => (
            <option key={words}>{words}</option>
          ))}
        </select>
        <button type="submit" class="button small">
          New link
        </button>
      </form>
    </details>
  );
}

function until({ expires_at }: LinkStatus): string[] {
  if (expires_at === null) return [];
  return [`until ${new Date(expires_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`];
}
