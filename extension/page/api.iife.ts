// Entry of the page's own world: defines `window.flybrowser` while the document starts, before its scripts. The property is fixed
// for good, so that no script of the page can put itself in between.
import { askForPort } from "./handover.ts";
import { createPageApi } from "./page-api.ts";
import { takePrimordials } from "./primordials.ts";

const primordials = takePrimordials();

askForPort(window, (port) => {
  const value = createPageApi(port, primordials);
  Object.defineProperty(window, "flybrowser", { value, enumerable: true, writable: false, configurable: false });
});
