// Names and places of recordings, on a real file system.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  placeDraft,
  readableName,
  releaseTarget,
  reserveTarget,
  videosFolder,
} from "../../../../../native-host/sinks/recording/target-path.ts";
import { draftOf } from "../../../../../protocol/node/recording-files.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flybrowser-target-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const AT = new Date(2026, 0, 31, 9, 5, 7);

describe("the videos folder", () => {
  test("is the one of the system", () => {
    expect(videosFolder({}, "darwin", "/Users/me")).toBe("/Users/me/Movies");
    expect(videosFolder({}, "linux", root)).toBe(join(root, "Videos"));
    expect(videosFolder({ XDG_VIDEOS_DIR: "/films" }, "linux", root)).toBe("/films");
  });

  test("is the one that the desktop has noted", () => {
    mkdirSync(join(root, ".config"));
    writeFileSync(join(root, ".config/user-dirs.dirs"), '# a comment\nXDG_VIDEOS_DIR="$HOME/Filme"\n');
    expect(videosFolder({}, "linux", root)).toBe(join(root, "Filme"));
  });
});

test.each([
  ["https://www.example.com/a?b", "example.com 2026-01-31 09-05-07"],
  ["http://127.0.0.1:8080/", "127.0.0.1 2026-01-31 09-05-07"],
  ["file:///home/me/my%20page.html", "my-page.html 2026-01-31 09-05-07"],
  ["about:blank", "recording 2026-01-31 09-05-07"],
  ["file:///..%2f..%2fetc/", "recording 2026-01-31 09-05-07"],
  ["nonsense", "recording 2026-01-31 09-05-07"],
])("%s is named %s", (url, name) => {
  expect(readableName(url, AT)).toBe(name);
});

describe("a name", () => {
  const wish = { format: "mp4", url: "https://example.com/", at: AT } as const;

  test("is never given twice", () => {
    const folder = join(root, "Videos");
    const names = [1, 2, 3].map(() => reserveTarget(wish, folder));
    expect(names.map((path) => path.slice(folder.length + 1))).toEqual([
      "example.com 2026-01-31 09-05-07.mp4",
      "example.com 2026-01-31 09-05-07 (2).mp4",
      "example.com 2026-01-31 09-05-07 (3).mp4",
    ]);
  });

  test("that was asked for must be free, absolute and in a folder that is there", () => {
    const path = join(root, "a.mp4");
    expect(reserveTarget({ ...wish, path })).toBe(path);
    expect(() => reserveTarget({ ...wish, path })).toThrow("there is a file already");
    writeFileSync(path, "");
    expect(() => reserveTarget({ ...wish, path })).toThrow("there is a file already");
    expect(() => reserveTarget({ ...wish, path: join(root, "no/a.mp4") })).toThrow("its folder does not exist");
    expect(() => reserveTarget({ ...wish, path: join(path, "a.mp4") })).toThrow("its folder is a file");
    expect(() => reserveTarget({ ...wish, path: "a.mp4" })).toThrow("an absolute path");
  });

  test("is not seen until there is a file, and goes back only while the draft is empty", () => {
    const path = reserveTarget({ ...wish, path: join(root, "a.mp4") });
    expect(readdirSync(root)).toEqual([".a.mp4.part"]);
    writeFileSync(draftOf(path), "something");
    releaseTarget(path);
    expect(readdirSync(root)).toEqual([".a.mp4.part"]);
    writeFileSync(draftOf(path), "");
    releaseTarget(path);
    releaseTarget(path);
    expect(readdirSync(root)).toEqual([]);
  });
});

test("a draft takes the place of the empty file, never of another one", () => {
  const path = reserveTarget({ format: "mp4", url: "", at: AT, path: join(root, "a.mp4") });
  const draft = draftOf(path);
  expect(draft).toBe(join(root, ".a.mp4.part"));
  writeFileSync(draft, "one");
  expect(placeDraft(draft, path)).toBe(path);
  writeFileSync(draft, "two");
  expect(placeDraft(draft, path)).toBe(join(root, "a (2).mp4"));
  expect(readdirSync(root).sort()).toEqual(["a (2).mp4", "a.mp4"]);
  expect(readFileSync(path, "utf8")).toBe("one");
  expect(() => placeDraft(join(root, "missing"), join(root, "b.mp4"))).toThrow("ENOENT");
});
