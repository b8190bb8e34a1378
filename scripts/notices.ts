// What others' work is inside a release: THIRD-PARTY-NOTICES.txt with the licences, and an SPDX document (spdx.github.io/spdx-spec/v2.3).
// Both are made of the lists that Vite writes beside each build.
import { randomUUID } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LICENSES_FILE } from "../vite.config.ts";

/** A package that is bundled, as Vite lists it. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression of its licence. */
  readonly identifier: string;
  /** Text of its licence; missing where the package has none. */
  readonly text?: string;
}

/** What npm installs beside ours where it can: used, but not inside. */
export async function optionalPackages(root: string, names: readonly string[]): Promise<BundledPackage[]> {
  return Promise.all(
    names.map(async (each) => {
      const folder = join(root, "node_modules", each);
      const text = await readFile(join(folder, "package.json"), "utf8").catch(() => null);
      if (text === null) throw new Error(`${each} is not installed: its licence is needed for the notices`);
      const { name, version, license } = JSON.parse(text) as { name: string; version: string; license: string };
      const identifier = license.replace(/ (?=[\d.]+$)/, "-"); // "MPL 2.0" is no SPDX expression
      return { name, version, identifier, text: await readFile(join(folder, "LICENSE"), "utf8") };
    }),
  );
}

/** Name of the notices in each release. */
export const NOTICES_FILE = "THIRD-PARTY-NOTICES.txt";
/** Name of the SPDX document. */
export const SBOM_FILE = "sbom.spdx.json";

/** The package URL, by which the source of a package can be had (github.com/package-url). */
const packageUrl = (name: string, version: string) => `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;

/** The packages in the builds below `dist`, each version once, by name. */
export async function bundledPackages(dist: string, parts?: readonly string[]): Promise<BundledPackage[]> {
  const found = new Map<string, BundledPackage>();
  for (const part of parts ?? (await readdir(dist))) {
    const text = await readFile(join(dist, part, LICENSES_FILE), "utf8").catch(() => "[]"); // not a build with a list
    for (const each of JSON.parse(text) as BundledPackage[]) found.set(`${each.name} ${each.version}`, each);
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name, "en") || a.version.localeCompare(b.version));
}

/**
 * The notices.
 * @throws Error if a package names no licence, or one whose text is nowhere.
 */
export function notices(
  packages: readonly BundledPackage[],
  more: readonly string[] = [],
  optional: readonly BundledPackage[] = [],
): string {
  const rule = "-".repeat(100);
  const part = (each: BundledPackage, place = "") => {
    const source = packageUrl(each.name, each.version);
    return `${each.name} ${each.version} (${each.identifier})${place}\n${source}\n\n${licenceText(each, packages)}`;
  };
  const beside = "\nNot contained: npm installs it beside FlyBrowser Stream, with its binary for the system.";
  const parts = [...packages.map((each) => part(each)), ...optional.map((each) => part(each, beside))];
  const opening =
    "FlyBrowser Stream contains the following works of others, unmodified but for being bundled. The source of each is in the npm\npackage that is named with it.";
  return `${[opening, ...parts, ...more].join(`\n\n${rule}\n\n`)}\n`;
}

function licenceText({ name, identifier, text }: BundledPackage, all: readonly BundledPackage[]): string {
  if (!identifier) throw new Error(`${name} names no licence: look at it before it is bundled`);
  if (text) return text.trim();
  // Packages of monorepos often lack the file. The licence is the same; only the line of the copyright is not known.
  const same = all.find((other) => other.identifier === identifier && other.text)?.text;
  if (!same) throw new Error(`${name} has no licence text, and no other package has one of ${identifier}`);
  const owner = `Copyright (c) the authors of ${name}`;
  return same.trim().replace(/^\s*Copyright (\(c\)|©)?\s*.*$/im, owner);
}

/** The SPDX document of a release: what it is, what it contains, what is installed beside it. */
export function sbom(
  release: { name: string; version: string; licence: string },
  packages: readonly BundledPackage[],
  optional: readonly BundledPackage[] = [],
) {
  const id = (name: string, version: string) => `SPDXRef-${`${name}-${version}`.replace(/[^A-Za-z0-9.-]/g, "-")}`;
  const entry = (name: string, version: string, licence: string) => ({
    SPDXID: id(name, version),
    name,
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: licence,
    licenseDeclared: licence,
    copyrightText: "NOASSERTION",
    externalRefs: [
      {
        referenceCategory: "PACKAGE-MANAGER",
        referenceType: "purl",
        referenceLocator: packageUrl(name, version),
      },
    ],
  });
  const root = id(release.name, release.version);
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `${release.name}-${release.version}`,
    documentNamespace: `urn:uuid:${randomUUID()}`,
    creationInfo: { created: new Date().toISOString().replace(/\.\d+/, ""), creators: [`Tool: ${release.name}`] },
    packages: [
      entry(release.name, release.version, release.licence),
      ...[...packages, ...optional].map(({ name, version, identifier }) => entry(name, version, identifier)),
    ],
    relationships: [
      { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: root },
      ...packages.map(({ name, version }) => ({
        spdxElementId: root,
        relationshipType: "CONTAINS",
        relatedSpdxElement: id(name, version),
      })),
      ...optional.map(({ name, version }) => ({
        spdxElementId: id(name, version),
        relationshipType: "OPTIONAL_DEPENDENCY_OF",
        relatedSpdxElement: root,
      })),
    ],
  };
}

/** Writes both below `dist`. */
export async function writeNotices(
  dist: string,
  description: { name: string; version: string; license: string; optionalDependencies: Record<string, string> },
) {
  const packages = await bundledPackages(dist);
  const optional = await optionalPackages(join(dist, ".."), Object.keys(description.optionalDependencies));
  await writeFile(join(dist, NOTICES_FILE), notices(packages, [], optional));
  const { name, version, license: licence } = description;
  await writeFile(
    join(dist, SBOM_FILE),
    `${JSON.stringify(sbom({ name, version, licence }, packages, optional), null, 2)}\n`,
  );
}
