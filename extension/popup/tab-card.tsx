// What will be streamed: a small picture of the tab, its title, its icon and its site.
import { useState } from "preact/hooks";
import browser from "webextension-polyfill";
import type { PopupState } from "../../protocol/extension-messages.ts";
import { text } from "../../protocol/sentence.ts";
import { siteOf } from "./format.ts";
import { useAfterPaint } from "./use-after-paint.ts";

/** JPEG quality of the small picture, in percent. */
const QUALITY = 50;

/** The card. Where Chrome gives no picture (its own pages, a tab that isn't in front) the title stands alone. */
export function TabCard({ tab }: { readonly tab: PopupState["tab"] }) {
  const [picture, setPicture] = useState<string | null>(null);
  const [icon, setIcon] = useState<string | null>(null);
  useAfterPaint(() => {
    const show = async () => {
      const { active, windowId, favIconUrl } = await browser.tabs.get(tab.tab_id);
      if (/^(https?|data):/.test(favIconUrl ?? "")) setIcon(favIconUrl ?? null); // Chrome's own pages have others
      if (active) setPicture(await browser.tabs.captureVisibleTab(windowId, { format: "jpeg", quality: QUALITY }));
    };
    show().catch(() => {});
  }, [tab.tab_id]);
  return (
    <section class="tab-card">
      <span class="tab-picture">{picture !== null && <img src={picture} alt="" />}</span>
      <span class="tab-words">
        <span class="tab-title" title={tab.title}>
          {tab.title || text("popup.this_tab")}
        </span>
        <span class="tab-site">
          {icon !== null && (
            <img class="tab-icon" src={icon} alt="" referrerpolicy="no-referrer" onError={() => setIcon(null)} />
          )}
          {siteOf(tab.url)}
        </span>
      </span>
    </section>
  );
}
