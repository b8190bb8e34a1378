// The OpenAPI 3.1 document of the control API, made of its table of routes and the schemas that the code validates with.
import { toJsonSchemaDefs } from "@valibot/to-json-schema";
import { ERROR_STATUS, type ErrorCode } from "../../protocol/errors.ts";
import { COMMON_ERRORS, CONTROL_ROUTES, type RouteDescription } from "./control-routes.ts";
import { EVENT_SCHEMAS, SCHEMAS, type SchemaName } from "./control-schemas.ts";

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const PROBLEM = "application/problem+json";
/** Parameters in the paths. */
const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  id: "Id of the stream or recording",
  task_id: "Id of the task",
  link_id: "Id of the link",
};

const reference = (name: SchemaName): JsonObject => ({ $ref: `#/components/schemas/${name}` });

/** The schemas by name. */
function schemas(): JsonObject {
  const defs = toJsonSchemaDefs(SCHEMAS, {
    target: "draft-2020-12",
    // What a caller may send; how reading changes it (a text that is cut) can't be said in JSON schema.
    typeMode: "input",
    errorMode: "ignore",
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  });
  return JSON.parse(JSON.stringify(defs)) as JsonObject;
}

function problems(codes: readonly ErrorCode[]): JsonObject {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = ERROR_STATUS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { [PROBLEM]: { schema: reference("Problem") } };
  const entries = [...byStatus].map(([status, names]) => [status, { description: names.join(", "), content }]);
  return { ...Object.fromEntries(entries), default: { description: "Any other error", content } } as JsonObject;
}

function responses(route: RouteDescription): JsonObject {
  const entries = Object.entries(route.responses).map(([status, response]) => {
    const content =
      "schema" in response
        ? { "application/json": { schema: reference(response.schema) } }
        : { [response.type]: { schema: { type: response.type === "application/json" ? "object" : "string" } } };
    return [status, { description: route.summary, content }];
  });
  return Object.fromEntries(entries) as JsonObject;
}

function parameters(path: string, headers: RouteDescription["headers"] = {}): Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    ...{ name, in: "path", required: true, description: PATH_PARAMETERS[name] ?? name, schema: { type: "string" } },
  }));
  const inHeaders = Object.entries(headers).map(([name, description]) => ({
    ...{ name, in: "header", required: false, description, schema: { type: "string" } },
  }));
  return [...inPath, ...inHeaders];
}

function operation(path: string, route: RouteDescription): JsonObject {
  const { operation, summary, description, body, open = false, errors, headers } = route;
  const events = Object.entries(EVENT_SCHEMAS).map(([name, schema]) => [name, reference(schema)]);
  return {
    operationId: operation,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(open ? { security: [] } : {}),
    parameters: parameters(path, headers),
    ...(body
      ? {
          requestBody: {
            required: body.required,
            content: { "application/json": { schema: reference(body.schema) } },
          },
        }
      : {}),
    responses: { ...responses(route), ...problems([...(open ? (["wrong_host"] as const) : COMMON_ERRORS), ...errors]) },
    // OpenAPI 3.1 has no words for the single events of a stream of them.
    ...("text/event-stream" in typesOf(route) ? { "x-events": Object.fromEntries(events) as JsonObject } : {}),
  };
}

function typesOf({ responses }: RouteDescription): Record<string, true> {
  return Object.fromEntries(
    Object.values(responses).flatMap((response) => ("type" in response ? [[response.type, true]] : [])),
  );
}

/** The document. `version`: of the software. */
export function openApiDocument(version: string): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries(CONTROL_ROUTES)) {
    const [method = "", path = ""] = name.split(" ");
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(path, route) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "FlyBrowser Stream control API",
      version,
      description:
        "For programs of the user who runs the browser, on 127.0.0.1. Port and token stand in a file that only this user can " +
        "read; `flybrowser doctor` names it. Errors are problem details (RFC 9457) with a code and what to do.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "The token of the control file" } },
      schemas: schemas(),
    },
  };
}
