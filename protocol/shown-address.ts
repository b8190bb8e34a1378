// Addresses of pages as they are shown, stored and logged: their user info, query and fragment hold passwords and reset tokens.

/** Characters that are kept: a `data:` address is the page itself. */
const MAX_CHARACTERS = 2_000;

function parsed(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

const cut = (text: string) => (text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1)}…` : text);

/** The address without what may be secret. `whole`: with query and fragment, but never with a password. */
export function shownAddress(address: string, whole = false): string {
  const url = parsed(address);
  if (!url) return cut(whole ? address : (address.split(/[?#]/)[0] ?? ""));
  if (url.protocol === "data:") return `${address.split(",")[0]?.slice(0, 100)},…`;
  url.username = "";
  url.password = "";
  if (!whole) {
    url.search = "";
    url.hash = "";
  }
  return cut(url.href);
}

/** A page's title, without what {@link shownAddress} leaves out: a page without a title has its address in its place. */
export function shownTitle(title: string, address: string, whole = false): string {
  const url = parsed(address);
  if (!url) return cut(title);
  const login = url.username ? [`${url.username}:${url.password}@`, `${url.username}@`] : [];
  const secrets = [...login, ...(whole ? [] : [url.search + url.hash, url.search, url.hash])];
  let shown = title;
  for (const secret of secrets.filter((text) => text.length > 1)) {
    for (const spelling of [secret, decoded(secret)]) shown = shown.replaceAll(spelling, "");
  }
  return cut(shown);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
