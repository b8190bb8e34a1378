// The description of the control API: valid, complete, and told to people too.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { controlApi } from "../../../../native-host/http/control.ts";
import { EventLog } from "../../../../native-host/http/control-events.ts";
import { CONTROL_ROUTES } from "../../../../native-host/http/control-routes.ts";
import { EVENT_SCHEMAS } from "../../../../native-host/http/control-schemas.ts";
import { openApiDocument } from "../../../../native-host/http/openapi.ts";
import { openApiPage } from "../../../../native-host/http/openapi-page.ts";
import { CONTROL_EVENTS } from "../../../../protocol/control-api.ts";
import { ERROR_STATUS } from "../../../../protocol/errors.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const document = openApiDocument("1.2.3");

const refuse = (): never => {
  throw new Error("not asked for here");
};
const backend = {
  ...{
    listTabs: refuse,
    startStream: refuse,
    stopStream: refuse,
    startMarks: refuse,
    listStreams: refuse,
    streamStatus: refuse,
  },
  ...{
    startRecording: refuse,
    recordTab: refuse,
    stopRecording: refuse,
    listRecordings: refuse,
    findRecording: refuse,
    recordedStream: refuse,
  },
  ...{
    addDestination: refuse,
    removeDestination: refuse,
    beginPrivate: refuse,
    endPrivate: refuse,
    admitTab: refuse,
    showNotice: refuse,
  },
  ...{ clip: refuse },
  ...{
    wallUrl: refuse,
    setSharing: refuse,
    setQuality: refuse,
    createLink: refuse,
    revokeLink: refuse,
    controlDesk: refuse,
    beginTask: refuse,
    updateTask: refuse,
    clipTask: refuse,
    events: new EventLog("test"),
  },
  metrics: { open: false, type: "text/plain", text: refuse },
};

test("it is a valid OpenAPI 3.1 document", async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>);
  expect(errors).toBeUndefined();
  expect([valid, validator.version]).toEqual([true, "3.1"]);
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  const { schemas } = document.components as unknown as { schemas: Record<string, unknown> };
  expect(references.length).toBeGreaterThan(30);
  for (const [, name = ""] of references) expect(Object.keys(schemas)).toContain(name);
  // A schema that could not be put into words would be an empty one.
  for (const schema of Object.values(schemas)) expect(schema).not.toEqual({});
});

test("every route that the host answers is described, and no other", () => {
  const { routes } = controlApi(backend, "token", "1.2.3");
  const answered = routes.flatMap(({ method, path }) => (method === "ALL" ? [] : [`${method} ${path}`]));
  const described = Object.keys(CONTROL_ROUTES).map((route) => route.replace(/\{(\w+)\}/g, ":$1"));
  expect(answered.sort()).toEqual(described.sort());
});

test("no two operations have one name; statuses of errors are those of the table", () => {
  const names = Object.values(CONTROL_ROUTES).map(({ operation }) => operation);
  expect(new Set(names).size).toBe(names.length);
  for (const { errors, responses } of Object.values(CONTROL_ROUTES)) {
    for (const code of errors) expect(Object.keys(responses)).not.toContain(String(ERROR_STATUS[code]));
  }
});

test("every event is described", () => {
  expect(Object.keys(EVENT_SCHEMAS).sort()).toEqual(Object.keys(CONTROL_EVENTS).sort());
});

describe.each([
  ["docs/control-api.md", () => readFileSync(join(ROOT, "docs/control-api.md"), "utf8")],
  ["the page at /api/docs", () => openApiPage(document)],
])("%s", (_name, read) => {
  test.each(Object.keys(CONTROL_ROUTES))("names %s", (route) => {
    expect(read()).toContain(route);
  });
  test("names every event", () => {
    for (const event of Object.keys(CONTROL_EVENTS)) expect(read()).toMatch(new RegExp(`[\`>]${event}[\`<]`));
  });
});

test("the page takes nothing from elsewhere, runs nothing, and shows signs as they are", () => {
  const page = openApiPage({ ...document, info: { title: "<b>&", version: "1", description: "" } });
  expect(page).not.toMatch(/<script|<link|<img|https?:\/\/(?!127\.0\.0\.1)/);
  expect(page).toContain("&#60;b&#62;&#38;");
});

test("the page shows code as code, and what stands in it as it is", () => {
  const description = 'Without `tab`: `<b>&"` and a lone `.';
  const page = openApiPage({ ...document, info: { title: "t", version: "1", description } });
  expect(page).toContain("<p>Without <code>tab</code>: <code>&#60;b&#62;&#38;&#34;</code> and a lone `. As JSON");
  // Schemas are shown as the JSON that they are; all else is prose.
  expect(openApiPage(document).replace(/<pre>.*?<\/pre>/gs, "")).not.toContain("`");
});
