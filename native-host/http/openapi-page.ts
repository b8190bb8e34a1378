// The OpenAPI document as a page for people: one HTML text, no script, nothing from elsewhere.
import type { Json } from "./openapi.ts";

type JsonObject = { readonly [key: string]: Json };

const STYLE = `
:root { color-scheme: light dark; color: light-dark(#191b1e, #eceded); background: light-dark(#ffffff, #131416) }
a { color: light-dark(#3b35b8, #b3b0ff) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: 14px/1.4 ui-monospace, monospace } p code { background: #8883; border-radius: .2rem; padding: .1rem .25rem }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8884 }
h2 { margin-top: 2.5rem; border-top: 1px solid #8884; padding-top: 1rem } h2 code { font-size: 1.1rem }
table { border-collapse: collapse } th, td { padding: .2rem .8rem .2rem 0; vertical-align: top; text-align: left; font-weight: normal }
@media (max-width: 34rem) { th, td { display: inline-block } tr, td:last-child { display: block } td:last-child { padding: 0 0 .5rem } }
summary { cursor: pointer }`;

/** Content-Security-Policy of the page: only what stands in it. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const escaped = (text: Json | undefined): string =>
  String(text ?? "").replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
/** Words for people, in which `code` stands between backticks: escaped first, so that no sign of theirs becomes a tag. */
const prose = (text: Json | undefined): string => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");
const object = (value: Json | undefined): JsonObject => (value ?? {}) as JsonObject;

/** The name of the schema of a body or a response, as a link; else its media type. */
function contentLine(content: JsonObject): string {
  return Object.entries(content)
    .map(([type, media]) => {
      const name = String(object(object(media).schema).$ref ?? "")
        .split("/")
        .at(-1);
      return name ? `<a href="#${escaped(name)}">${escaped(name)}</a>` : `<code>${escaped(type)}</code>`;
    })
    .join(", ");
}

function operationPart(method: string, path: string, operation: JsonObject): string {
  const rows = Object.entries(object(operation.responses)).map(([status, response]) => {
    const { content, description } = object(response);
    const words = /^[2]/.test(status) ? "" : prose(description);
    return `<tr><th scope="row"><code>${escaped(status)}</code><td>${contentLine(object(content))}<td>${words}`;
  });
  const body = object(operation.requestBody);
  const wants = Array.isArray(operation.security) ? "needs no token" : "needs the token";
  const taken = body.content
    ? `<p>Body: ${contentLine(object(body.content))}${body.required ? "" : ", may be left out"}.`
    : "";
  const events = Object.entries(object(operation["x-events"])).map(
    ([name, schema]) => `<code>${escaped(name)}</code> (${contentLine({ json: { schema } })})`,
  );
  return `<h2 id="${escaped(operation.operationId)}"><code>${escaped(method.toUpperCase())} ${escaped(path)}</code></h2>
<p>${prose(operation.summary)}; ${wants}. ${prose(operation.description)}${taken}
${events.length > 0 ? `<p>Events: ${events.join(", ")}.` : ""}<table>${rows.join("\n")}</table>`;
}

/** The page as HTML. */
export function openApiPage(document: JsonObject): string {
  const { title, version, description } = object(document.info);
  const operations = Object.entries(object(document.paths)).flatMap(([path, item]) =>
    Object.entries(object(item)).map(([method, operation]) => operationPart(method, path, object(operation))),
  );
  const schemas = Object.entries(object(object(document.components).schemas)).map(
    ([name, schema]) =>
      `<details id="${escaped(name)}"><summary><code>${escaped(name)}</code></summary><pre>${escaped(JSON.stringify(schema, null, 2))}</pre></details>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${STYLE}</style><main><h1>${escaped(title)} ${escaped(version)}</h1>
<p>${prose(description)} As JSON: <a href="openapi.json">openapi.json</a>.
${operations.join("\n")}
<h2>Schemas</h2>
${schemas.join("\n")}
</main></html>`;
}
