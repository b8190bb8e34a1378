// Asks the control API as a program does, and holds every answer against the document that the host itself serves: its
// status, its media type, and each field. Never knows what the answer should say.
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formatsModule from "ajv-formats";

const addFormats = formatsModule.default;

interface Operation {
  responses: Record<string, { content: Record<string, { schema: object }> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { additionalProperties?: unknown }> };
}

/** No answer may have a field that isn't described: every object is closed, for the test. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, closed(inner)]);
  const result = Object.fromEntries(entries) as Record<string, unknown>;
  return "properties" in result && result.type === "object" ? { additionalProperties: false, ...result } : result;
}

/** The described API of one host. */
export class DescribedApi {
  readonly base: string;
  readonly token: string;
  readonly #document: Document;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #checks = new Map<string, ValidateFunction>();

  private constructor(base: string, token: string, document: Document) {
    this.base = base;
    this.token = token;
    this.#document = document;
    addFormats(this.#ajv);
    this.#ajv.addSchema(document, "api");
  }

  /** Reads the document of a host. */
  static async of(base: string, token: string): Promise<DescribedApi> {
    const document = closed(await (await fetch(`${base}/api/openapi.json`)).json()) as Document;
    return new DescribedApi(base, token, document);
  }

  /** Asks; fails where the answer is not as described. `body`: a text goes as it is. */
  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const answer = await fetch(this.base + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    await this.#check(method, path, answer.clone());
    return answer;
  }

  /** Fails where JSON is not as the schema of that name says. */
  check(schema: string, value: unknown, what = schema): void {
    this.#validate({ $ref: `api#/components/schemas/${schema}` }, value, what);
  }

  async #check(method: string, path: string, answer: Response): Promise<void> {
    const what = `${method} ${path} ${answer.status}`;
    const found = Object.keys(this.#document.paths).find((pattern) =>
      new RegExp(`^${pattern.replace(/\{\w+\}/g, "[^/]+")}$`).test(path.split("?")[0] ?? ""),
    );
    const operation = found && this.#document.paths[found]?.[method.toLowerCase()];
    const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
    if (!operation) {
      this.check("Problem", await answer.json(), what);
      return;
    }
    const described = operation.responses[answer.status] ?? (answer.ok ? undefined : operation.responses.default);
    const media = described?.content[type];
    if (!media) throw new Error(`${what}: ${type} is not described`);
    if (!type.endsWith("json")) return;
    const { $ref } = media.schema as { $ref?: string };
    this.#validate($ref === undefined ? media.schema : { $ref: `api${$ref}` }, await answer.json(), what);
  }

  #validate(schema: object, value: unknown, what: string): void {
    const key = JSON.stringify(schema);
    const valid = this.#checks.get(key) ?? this.#ajv.compile(schema);
    this.#checks.set(key, valid);
    if (!valid(value)) throw new Error(`${what}: ${this.#ajv.errorsText(valid.errors)}: ${JSON.stringify(value)}`);
  }
}
