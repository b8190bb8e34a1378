// The other tabs that are streamed or recorded now, each a click away.
import browser from "webextension-polyfill";
import type { PopupState } from "../../protocol/extension-messages.ts";
import { text } from "../../protocol/sentence.ts";
import { viewers } from "./format.ts";

async function show(tab_id: number): Promise<void> {
  const { windowId } = await browser.tabs.update(tab_id, { active: true });
  if (windowId !== undefined) await browser.windows.update(windowId, { focused: true });
}

/** The list; nothing where there are none. */
export function OtherTabs({ others }: { readonly others: PopupState["others"] }) {
  if (others.length === 0) return null;
  return (
    <section class="others">
      <h2>{text("popup.other_tabs")}</h2>
      <ul>
        {others.map(({ tab_id, title, live, recorded, viewers: count }) => (
          <li key={tab_id}>
            <button type="button" class="other" title={title} onClick={() => void show(tab_id).catch(() => {})}>
              <span class="other-title">{title || text("popup.a_tab")}</span>
              <span class="other-detail">
                {[
                  ...(live ? [text("popup.live"), viewers(count)] : []),
                  ...(recorded ? [text("popup.recording")] : []),
                ].join(" · ")}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
