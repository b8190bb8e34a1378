import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { RtmpTarget } from "../../../../../native-host/sinks/rtmp/target.ts";

const parts = (url: string, key?: string) => {
  const target = new RtmpTarget(url, key);
  return [target.revealApplication().tcUrl, target.revealApplication().app, target.revealStreamName()];
};

describe("RtmpTarget", () => {
  it.each(["rtmp://host/app", "rtmp://host/app/", "rtmp://host/app//", "rtmp://host//app"])(
    "joins %s and a key with one slash",
    (url) => {
      expect(parts(url, "key")).toEqual(["rtmp://host/app", "app", "key"]);
      expect(parts(url, "/key")).toEqual(["rtmp://host/app", "app", "key"]);
    },
  );

  it("keeps what stands in the URL and the key", () => {
    expect(parts("rtmps://live.example:443/rtmp/", "FB-1?s_bl=1&s_sw=0")).toEqual([
      ...["rtmps://live.example:443/rtmp", "rtmp", "FB-1?s_bl=1&s_sw=0"],
    ]);
    expect(parts("rtmp://host/app/instance?token=a/b", "key")).toEqual([
      ...["rtmp://host/app/instance?token=a/b", "app/instance?token=a/b", "key"],
    ]);
    expect(parts("rtmp://host/app/name?token=1")).toEqual(["rtmp://host/app", "app", "name?token=1"]);
  });

  it("has a URL to be shown, without key and query", () => {
    expect(new RtmpTarget("rtmp://host:1936/app/?auth=1", "key").publicUrl).toBe("rtmp://host:1936/app");
    expect(new RtmpTarget("rtmps://host/app/instance/secret?x=1").publicUrl).toBe("rtmps://host/app/instance");
  });

  it("knows ports, addresses and names", () => {
    expect(new RtmpTarget("rtmp://host/a", "k")).toMatchObject({ port: 1935, secure: false, serverName: "host" });
    expect(new RtmpTarget("RTMPS://host/a", "k")).toMatchObject({ port: 443, secure: true, server: "rtmps://host" });
    expect(new RtmpTarget("rtmp://[::1]:1936/a", "k")).toMatchObject({
      port: 1936,
      host: "::1",
      server: "rtmp://[::1]:1936",
    });
    expect(new RtmpTarget("rtmps://127.0.0.1/a", "k").serverName).toBeUndefined();
  });

  it.each(["rtmp://host/app", "rtmp://host/app/", "rtmp://host/app?token=secret"])(
    "refuses %s without a key: nobody could watch a stream without a name",
    (url) => {
      expect(() => new RtmpTarget(url).assertNamed()).toThrow(/ends with the stream's name/);
      expect(() => new RtmpTarget(url, "key").assertNamed()).not.toThrow();
    },
  );

  it.each([
    "http://host/app",
    "rtmp://",
    "rtmp://host",
    "rtmp://host/",
    "rtmp://u:secret@host/app",
    "rtmp://host:0/a",
    "rtmp://host:99999/a",
    "rtmp://ho st/a",
  ])("refuses %s without repeating it", (url) => {
    const thrown = (() => {
      try {
        new RtmpTarget(url);
      } catch (error) {
        return error as Error;
      }
      return null;
    })();
    expect(thrown).toMatchObject({ code: "invalid_option" });
    expect(thrown?.message).not.toContain("secret");
  });

  it("hides the key wherever it is looked at, and in what servers say", () => {
    const target = new RtmpTarget("rtmp://host/app?auth=hunter22", "my-secret/ä?sig=abcdef");
    for (const shown of [inspect(target, { depth: 9, showHidden: true }), JSON.stringify(target), String(target)]) {
      expect(shown).not.toMatch(/my-secret|abcdef|hunter22/);
    }
    const said = `stream my-secret/ä (my-secret%2F%C3%A4) with sig=abcdef and hunter22 is unknown`;
    expect(target.redact(said)).not.toMatch(/my-secret|abcdef|hunter22/);
    expect(target.redact("nothing to hide")).toBe("nothing to hide");
  });
});
