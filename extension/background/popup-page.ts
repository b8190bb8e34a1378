// Which page the toolbar button opens: the popup, told whether something is captured, since its first picture can't wait for an answer.
import browser from "webextension-polyfill";

const PAGE = "/extension/popup/index.html";

/** The button's page. Chrome keeps it beyond this service worker and this browser. */
export class PopupPage {
  #captured: boolean | null = null;

  /** Says whether any tab is captured. */
  set captured(captured: boolean) {
    if (captured === this.#captured) return;
    this.#captured = captured;
    // Refused: the popup is drawn when the service worker answers, or shows for a moment how it is at rest.
    browser.action.setPopup({ popup: captured ? `${PAGE}#captured` : PAGE }).catch(() => {});
  }
}
