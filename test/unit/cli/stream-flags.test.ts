import { expect, test } from "vitest";
import { DESTINATION_SCHEMES } from "../../../cli/destination-flags.ts";
import { pageAddress, recordingOptions, streamDuration, streamOptions } from "../../../cli/stream-flags.ts";
import { DESTINATION_KINDS } from "../../../native-host/sinks/registry.ts";

test("flags become options; what was not given stays out", () => {
  expect(streamOptions({ audio: true, quality: "medium", width: "640", frameRate: "15" }, {})).toEqual({
    quality: "medium",
    width: 640,
    frame_rate: 15,
    audio: true,
  });
});

test.each([
  [{ quality: "huge" }, "--quality", "ultra_low_latency"],
  [{ width: "12x" }, "--width", "even integer"],
  [{ width: "641" }, "--width", "even integer"],
  [{ frameRate: "61" }, "--frame-rate", "1 to 60"],
  [{ protocol: "rtmp" }, "--rtmp-url: leaving it out", "rtmp://"],
  [{ to: ["twitch"] }, "FLYBROWSER_KEY_TWITCH", "stream key of Twitch"],
  [{ to: ["rtmp://host/app/"] }, "FLYBROWSER_KEY_HOST", "stream.s name"],
  [{ protocol: "rtmp", rtmpUrl: "rtmp://host/app?a=b" }, "RTMP_STREAM_KEY", "stream.s name"],
  [{ rtmpUrl: "rtmp://localhost/live" }, "--protocol", "rtmp, because rtmp_url"],
])("%o is refused, naming option and what is allowed", (flags, option, allowed) => {
  expect(() => streamOptions({ audio: true, ...flags }, {})).toThrow(
    expect.objectContaining({
      code: "invalid_option",
      message: expect.stringMatching(new RegExp(`${option}.*${allowed}`)),
    }),
  );
});

test("the key comes from the environment, and only for RTMP", () => {
  const env = { RTMP_STREAM_KEY: "secret" };
  expect(streamOptions({ audio: true }, env)).not.toHaveProperty("rtmp_key");
  const rtmp = streamOptions({ audio: true, protocol: "rtmp", rtmpUrl: "rtmp://localhost/live" }, env);
  expect(rtmp.rtmp_key).toBe("secret");
});

test("durations", () => {
  expect(streamDuration({ audio: true })).toBeNull();
  expect(streamDuration({ audio: true, duration: "1.5" })).toBe(1500);
  for (const duration of ["0", "-1", "soon", "", "Infinity"]) {
    expect(() => streamDuration({ audio: true, duration })).toThrow(/duration/);
  }
});

test("addresses as people write them", () => {
  expect(pageAddress("example.com/a")).toBe("https://example.com/a");
  expect(pageAddress("localhost:3000")).toBe("http://localhost:3000");
  expect(pageAddress("http://a.b")).toBe("http://a.b");
  expect(pageAddress("about:blank")).toBe("about:blank");
  expect(pageAddress("example.com/page.html")).toBe("https://example.com/page.html");
  expect(pageAddress(import.meta.filename)).toBe(`file://${import.meta.filename}`);
});

test.each(["/nowhere/page.html", "./page.html", "../page", "~/page.html", "C:\\page.html", "page.html"])(
  "%s, which isn't there, is no site",
  (path) => {
    expect(() => pageAddress(path)).toThrow(
      expect.objectContaining({
        code: "page_not_reachable",
        message: expect.stringContaining("the file does not exist"),
      }),
    );
  },
);

test("a recording's file that is there already is refused before anything starts", () => {
  expect(() => recordingOptions({ audio: true, record: import.meta.filename })).toThrow(
    expect.objectContaining({ code: "recording_path_unusable" }),
  );
  expect(() => recordingOptions({ audio: true, record: "talk.avi" })).toThrow(/--record/);
});

test("evenly spaced frames are for a recording, and a number", () => {
  const record = "/talk-that-is-not-there.mp4";
  expect(recordingOptions({ audio: true, record, recordFrameRate: "25" })).toMatchObject({ frame_rate: 25 });
  expect(() => recordingOptions({ audio: true, record, recordFrameRate: "constant" })).toThrow(
    /--record-frame-rate.*1 to 60/,
  );
  expect(() => recordingOptions({ audio: true, recordFrameRate: "25" })).toThrow(
    'Option --record-frame-rate: "25" is not allowed. Allowed: only together with --record.',
  );
});

test("a recording into a folder that isn't there is refused before anything starts", () => {
  expect(() => recordingOptions({ audio: true, record: "/nonexistent/folder/talk.mp4" })).toThrow(
    expect.objectContaining({ code: "recording_path_unusable" }),
  );
});

test.each([
  ["http:/example.com", /write http:\/\/example\.com\./],
  ["https:example.com/a", /write https:\/\/example\.com\/a\./],
  ["https://", /port up to 65535/],
  ["https://example.com:99999", /port up to 65535/],
  ["example.com:99999", /port up to 65535/],
  ["my page", /no address/],
  ["ftp://example.com", /for ftp:\/\//],
  ["htps://example.com", /for htps:\/\//],
  ["file:///nonexistent/page.html", /does not exist/],
])("%s is no page's address, and that is said before anything starts", (address, said) => {
  expect(() => pageAddress(address)).toThrow(
    expect.objectContaining({ code: "page_not_reachable", message: expect.stringMatching(said) }),
  );
});

test("a destination of no known scheme is refused before anything starts, without its key", () => {
  const wrong = () => streamOptions({ audio: true, to: ["rmtp://live.example/app/secret"] }, {});
  expect(wrong).toThrow(/--to: rmtp:\/\/… is not allowed\. Allowed: .*rtmp:\/\//);
  expect(wrong).not.toThrow(/secret/);
  expect(DESTINATION_SCHEMES.toSorted()).toEqual(DESTINATION_KINDS.flatMap(({ schemes }) => [...schemes]).toSorted());
});
