import * as v from "valibot";
import { describe, expect, it } from "vitest";
import {
  pageError,
  pageInfo,
  pageStatus,
  pageStop,
  withNameOnly,
} from "../../../../extension/background/page-results.ts";
import { plainText } from "../../../../extension/background/pairing.ts";
import { siteParts } from "../../../../extension/pairing/prompt.tsx";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import type { LinkStatus } from "../../../../protocol/links.ts";
import { PageStartStreamResultSchema } from "../../../../protocol/page-results.ts";
import type { Task } from "../../../../protocol/results.ts";
import { INFO, PLAYABLE, RECORDING } from "./fake-host.ts";

const TASK: Task = {
  ...{ task_id: "t", name: "n", state: "running", started_at: "2025-01-01T00:00:00Z", ended_at: null },
  ...{ detail: null, parent_id: null },
};
const LINK: LinkStatus = {
  ...{ link_id: "link_1", player_url: "http://127.0.0.1/p", expires_at: null, name: null, allow: "view", viewers: 0 },
};
/** Whom the user has given other links is no business of a page's. */
const { links: _links, ...WITHOUT_LINKS } = INFO;

/** A status to which a later version has added fields, each of them a link or a place. */
const LATER = {
  ...INFO,
  links: [{ ...LINK, name: "secret", player_url: "http://secret" }],
  addresses: [{ player_url: "http://secret" }],
  metrics: { ...INFO.metrics, source: "http://secret" },
  recovery_metrics: { ...INFO.recovery_metrics, source: "http://secret" },
  tasks: [{ ...TASK, screenshot: "http://secret" }],
  recording: { ...RECORDING, folder: "/secret", file_path: "/secret/a b.mp4" },
};

describe("what a page gets to see", () => {
  it.each([true, false])("is no field that isn't named, of a stream of its own: %s", (mine) => {
    const results = [
      pageInfo(LATER, mine),
      pageStatus({ active: true, is_streaming: true, stream_id: "s1", dropped_frames: 0, status: LATER }, mine),
      pageStatus({ active: false, is_streaming: false, error: "No active stream", status: LATER }, mine),
      pageStop({ success: true, stream_id: "s1", info: LATER }, mine),
    ];
    expect(JSON.stringify(results)).not.toContain("secret");
    expect(results[0]).toMatchObject({ recording: { file_path: "a b.mp4" }, tasks: [{ name: "n" }] });
  });

  it("is every field of today but the other links, of a stream that it has started", () => {
    expect(pageInfo(INFO, true)).toEqual(WITHOUT_LINKS);
    expect(v.parse(PageStartStreamResultSchema, { ...PLAYABLE, links: ["secret"] })).toEqual(PLAYABLE);
  });

  it("is no link to a stream that it hasn't started", () => {
    const nowhere = "http://127.0.0.1:4321/";
    expect(pageInfo({ ...INFO, rtmp_url: "rtmp://host/app", whep_url: INFO.player_url }, false)).toEqual({
      ...WITHOUT_LINKS,
      ...{
        hls_url: null,
        dash_url: null,
        rtmp_url: null,
        whep_url: null,
        live_url: null,
        player_url: nowhere,
        stream_url: nowhere,
      },
    });
  });

  it("is a file's name without its folders", () => {
    const names = ["/home/me/Videos/a b.mp4", "C:\\Users\\me\\a.webm", "a.webm"];
    expect(names.map((file_path) => withNameOnly({ file_path }).file_path)).toEqual(["a b.mp4", "a.webm", "a.webm"]);
  });

  it("is an error without a look at the computer", () => {
    const told = pageError(
      new FlyBrowserError("recording_failed", { recording_id: "r", reason: "x", folder: "/home/me" }),
    );
    expect(told.code).toBe("recording_failed");
    expect(JSON.stringify([told.message, told.fix, told.details])).not.toContain("/home/me");
    expect(pageError(new Error("/home/me")).message).not.toContain("/home/me");
    const plain = new FlyBrowserError("tab_not_invoked");
    expect(pageError(plain)).toBe(plain);
    const mine = new FlyBrowserError("unknown_option", { option: "tab", allowed: "quality" });
    expect(pageError(mine)).toBe(mine);
  });
});

describe("a site's words beside ours", () => {
  it("are one line of visible text", () => {
    expect(plainText("  a\u202eb\u0000\u200b\n\nc\ud800 ")).toBe("ab c\ufffd");
    expect(plainText(`z${"\u0301".repeat(40)}`)).toBe(`z${"\u0301".repeat(3)}`);
    expect(plainText("<b>日本語</b>")).toBe("<b>日本語</b>");
  });

  it("say so when a name could look like another", () => {
    expect(siteParts("https://xn--80ak6aa92e.com")).toEqual({
      scheme: "https",
      host: "xn--80ak6aa92e.com",
      port: "",
      foreign: true,
    });
    expect(siteParts("http://localhost:81")).toEqual({ scheme: "http", host: "localhost", port: "81", foreign: false });
  });
});
