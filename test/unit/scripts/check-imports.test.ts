import { expect, test } from "vitest";
import { circles, relativeImports, violations } from "../../../scripts/check-imports.ts";

test("what the rule allows passes", () => {
  expect(violations("sdk/launch.ts", 'import { a } from "../protocol/errors.ts";')).toEqual([]);
  expect(violations("cli/a.ts", 'import { b } from "../sdk/index.ts";')).toEqual([]);
  expect(violations("native-host/http/a.ts", 'import type { S } from "../stream/stream.ts";')).toEqual([]);
  expect(violations("test/unit/a.ts", 'import { x } from "../../player/x.ts";')).toEqual([]);
});

test.each([
  ["sdk/a.ts", "../native-host/main.ts", "sdk may import"],
  ["protocol/a.ts", "../sdk/index.ts", "protocol may import"],
  ["player/views/a.tsx", "../../protocol/node/state-directory.ts", "player may import"],
  ["native-host/packager/a.ts", "../http/server.ts", "native-host/packager may import"],
  ["native-host/stream/a.ts", "../http/server.ts", "native-host/stream may import"],
  ["extension/background/a.ts", "../../player/x.ts", "extension may import"],
])("%s must not import %s", (file, specifier, words) => {
  const [sentence] = violations(file, `import { x } from "${specifier}";`);
  expect(sentence).toContain(file);
  expect(sentence).toContain(words);
});

test("re-exports, side effects and dynamic imports count; comments and packages don't", () => {
  const source = `
    export { a } from "./a.ts";
    import "./b.css";
    const c = await import("../c.ts");
    // import { d } from "./d.ts";
    import e from "hono";
  `;
  expect(relativeImports(source)).toEqual(["./a.ts", "./b.css", "../c.ts"]);
});

test("a circle is found through types and folders, and told from where it begins", () => {
  const sources = new Map([
    ["cli/main.ts", 'import { a } from "../sdk/a.ts";'],
    ["sdk/a.ts", 'import { b } from "./deep/b.ts";\nimport { d } from "./d.ts";'],
    ["sdk/deep/b.ts", 'import {\n  type C,\n} from "../c.ts";'],
    ["sdk/c.ts", 'export type { A } from "./a.ts";'],
    ["sdk/d.ts", 'import "./d.css";\nimport { e } from "./gone.ts";'],
  ]);
  expect(circles(sources)).toEqual([["sdk/a.ts", "sdk/deep/b.ts", "sdk/c.ts"]]);
});

test("files that share an import, or import the same file by two ways, make no circle", () => {
  const sources = new Map([
    ["a.ts", 'import "./b.ts";\nimport "./c.ts";'],
    ["b.ts", 'import "./d.ts";'],
    ["c.ts", 'import "./d.ts";'],
    ["d.ts", ""],
  ]);
  expect(circles(sources)).toEqual([]);
});

test("a file that imports itself is a circle of one", () => {
  expect(circles(new Map([["a.ts", 'import { a } from "./a.ts";']]))).toEqual([["a.ts"]]);
});
