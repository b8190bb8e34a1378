import { expect, test } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { type BundledPackage, notices, optionalPackages, sbom } from "../../../scripts/notices.ts";

const lib: BundledPackage = {
  name: "@scope/lib",
  version: "1.2.3",
  identifier: "MIT",
  text: "MIT License\n\nCopyright (c) Ada\n\nPermission is granted",
};

test("each package with its licence; a missing text is that of the same licence, under its own name", () => {
  const text = notices([lib, { name: "bare", version: "2.0.0", identifier: "MIT" }]);
  expect(text).toContain("@scope/lib 1.2.3 (MIT)");
  const [, , bare = ""] = text.split(/\n-{20,}\n/);
  expect(bare).toContain("bare 2.0.0 (MIT)");
  expect(bare).toContain("Copyright (c) the authors of bare");
  expect(bare).not.toContain("Ada");
});

test("a package without a licence, or one whose text is nowhere, isn't released", () => {
  expect(() => notices([{ name: "odd", version: "1.0.0", identifier: "" }])).toThrow(/odd names no licence/);
  expect(() => notices([{ name: "odd", version: "1.0.0", identifier: "ISC" }])).toThrow(/odd has no licence text/);
});

test("the SPDX document says what the release contains, by package URL", () => {
  const document = sbom({ name: "flybrowser-stream", version: "0.1.0", licence: "MIT" }, [lib]);
  expect(document).toMatchObject({ spdxVersion: "SPDX-2.3", dataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT" });
  expect(document.packages[1]?.externalRefs[0]?.referenceLocator).toBe("pkg:npm/%40scope/lib@1.2.3");
  const ids = new Set(["SPDXRef-DOCUMENT", ...document.packages.map(({ SPDXID }) => SPDXID)]);
  for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
  for (const { spdxElementId, relatedSpdxElement } of document.relationships) {
    expect([ids.has(spdxElementId), ids.has(relatedSpdxElement)]).toEqual([true, true]);
  }
  expect(document.creationInfo.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});

test("what npm installs beside ours is named, with its licence, as not contained", async () => {
  const root = new URL("../../..", import.meta.url).pathname;
  const optional = await optionalPackages(root, Object.keys(packageJson.optionalDependencies));
  expect(optional).toMatchObject([{ name: "node-datachannel", identifier: "MPL-2.0" }]);
  const text = notices([lib], [], optional);
  expect(text).toMatch(
    /node-datachannel [\d.]+ \(MPL-2\.0\)\nNot contained: npm installs it[\s\S]+Mozilla Public License Version 2\.0/,
  );
  const { relationships } = sbom({ name: "flybrowser-stream", version: "0.1.0", licence: "MIT" }, [lib], optional);
  expect(relationships.at(-1)).toMatchObject({
    relationshipType: "OPTIONAL_DEPENDENCY_OF",
    relatedSpdxElement: "SPDXRef-flybrowser-stream-0.1.0",
  });
});
