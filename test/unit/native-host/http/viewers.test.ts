import { expect, test } from "vitest";
import { Viewers } from "../../../../native-host/http/viewers.ts";

const NOBODY = { hls: 0, dash: 0, webrtc: 0, unknown: 0 };

test("each viewer counts once, by the way it took last", () => {
  let now = 0;
  const viewers = new Viewers(() => now);
  viewers.touch("vlc", "hls");
  viewers.touch("mpv", "dash");
  viewers.touch("mpv"); // an init segment tells nothing
  viewers.touch("curl");
  const leave = viewers.join("page");
  expect(viewers.byWay([])).toEqual({ hls: 1, dash: 1, webrtc: 0, unknown: 2 });
  viewers.touch("page", "hls");
  expect(viewers.byWay(["phone"])).toEqual({ hls: 2, dash: 1, webrtc: 1, unknown: 1 });
  expect(viewers.byWay(["page", "page"])).toEqual({ hls: 1, dash: 1, webrtc: 2, unknown: 1 });
  leave();
  now = 10_001;
  expect(viewers.byWay([])).toEqual(NOBODY);
});

test("two pages of one browser are two, also where one of them watches by WebRTC", () => {
  const viewers = new Viewers(() => 0);
  viewers.join("page");
  viewers.join("page");
  viewers.touch("page", "hls");
  expect(viewers.byWay(["page"])).toEqual({ ...NOBODY, hls: 1, webrtc: 1 });
});
