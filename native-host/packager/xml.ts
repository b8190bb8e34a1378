// Writes XML: elements with attributes and children, escaped.

/** A value of an attribute; `null` and `undefined` leave the attribute out. */
type Value = string | number | null | undefined;

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" },
  ...{ "\t": "&#9;", "\n": "&#10;", "\r": "&#13;" }, // else an attribute would have spaces for them
};
/** What XML 1.0 has no way to say (2.2, Char). */
const NO_CHARACTER = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const escapeXml = (text: string) =>
  text.replace(NO_CHARACTER, "\ufffd").replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? character);

/** An element as lines of text; its children are indented. */
export function element(
  name: string,
  attributes: Readonly<Record<string, Value>>,
  children: readonly (readonly string[])[] = [],
): string[] {
  const listed = Object.entries(attributes)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join("");
  const inner = children.flat();
  if (inner.length === 0) return [`<${name}${listed}/>`];
  return [`<${name}${listed}>`, ...inner.map((line) => `  ${line}`), `</${name}>`];
}

/** An element that holds only text, as one line. */
export function textElement(name: string, attributes: Readonly<Record<string, Value>>, text: string): string[] {
  const [empty = ""] = element(name, attributes);
  return [`${empty.slice(0, -2)}>${escapeXml(text)}</${name}>`];
}

/** ms as an XML duration, e.g. `PT1.5S`. */
export function duration(ms: number): string {
  return `PT${Number((Math.max(0, ms) / 1000).toFixed(5))}S`;
}
