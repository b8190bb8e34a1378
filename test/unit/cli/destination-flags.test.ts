import { expect, test } from "vitest";
import { destinationOf, forgetKeys, keyVariable } from "../../../cli/destination-flags.ts";
import { streamOptions } from "../../../cli/stream-flags.ts";

test("--to takes an address or a service, with a name in front; keys come from the environment by that name", () => {
  const env = {
    FLYBROWSER_KEY_TWITCH: "live_1?a=b&c/d",
    FLYBROWSER_KEY_MY_BACKUP: "k2",
    FLYBROWSER_KEY_HOST_1935: "k3",
  };
  expect(destinationOf("twitch", env)).toEqual({ url: "twitch", key: "live_1?a=b&c/d" });
  expect(destinationOf("my-backup=rtmp://host/app?token=x", env)).toEqual({
    ...{ url: "rtmp://host/app?token=x", name: "my-backup", key: "k2" },
  });
  expect(destinationOf("rtmp://user@host:1935/app?a=b", env)).toEqual({
    url: "rtmp://user@host:1935/app?a=b",
    key: "k3",
  });
  expect(destinationOf("srt://host:9000?streamid=a", env)).toEqual({ url: "srt://host:9000?streamid=a" });
  expect(keyVariable("My server, 2")).toBe("FLYBROWSER_KEY_MY_SERVER_2");
});

test("several flags become a list; what is wrong with one is said without its secret", () => {
  const env = { FLYBROWSER_KEY_TWITCH: "hunter22" };
  expect(streamOptions({ audio: true, to: ["twitch", "b=rtmp://host/app/name"] }, env).destinations).toEqual([
    { url: "twitch", key: "hunter22" },
    { url: "rtmp://host/app/name", name: "b" },
  ]);
  const wrong = () => streamOptions({ audio: true, to: ["twitch", "nowhere"] }, env);
  expect(wrong).toThrow("Option --to (2): the given value is not allowed");
  expect(wrong).not.toThrow("hunter22");
});

test("keys don't stay in the environment, which children inherit", () => {
  const env = { FLYBROWSER_KEY_TWITCH: "a", RTMP_STREAM_KEY: "b", AWS_SECRET_ACCESS_KEY: "c", PATH: "/bin" };
  forgetKeys(env);
  expect(env).toEqual({ AWS_SECRET_ACCESS_KEY: "c", PATH: "/bin" });
});

test("--watch-url says where people watch: of the only destination, or of one by its name", () => {
  const of = (to: string[] | undefined, ...watchUrl: string[]) =>
    streamOptions({ audio: true, ...(to && { to }), watchUrl }, { FLYBROWSER_KEY_TWITCH: "k" }).destinations;
  expect(of(["twitch"], "https://twitch.tv/ada?a=b")).toEqual([
    { url: "twitch", key: "k", watch_url: "https://twitch.tv/ada?a=b" },
  ]);
  const two = ["twitch", "store=hls+https://host/live"];
  expect(of(two, "store=https://cdn.example/index.m3u8", "twitch=https://twitch.tv/ada")).toMatchObject([
    { watch_url: "https://twitch.tv/ada" },
    { name: "store", watch_url: "https://cdn.example/index.m3u8" },
  ]);
  expect(() => of(two, "https://cdn.example/index.m3u8")).toThrow(
    'Option --watch-url: "https://cdn.example/index.m3u8" is not allowed. Allowed: NAME=URL, with the name of a destination in front: twitch, store.',
  );
  expect(() => of(undefined, "https://a.example/")).toThrow("Option --watch-url");
});
