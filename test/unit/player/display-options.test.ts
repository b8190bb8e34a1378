// What the address of the player says of how it is shown, and the code that shows it inside another page.
import { expect, test } from "vitest";
import { displayOptions, embedCode } from "../../../player/display-options.ts";

test.each([
  ["", { embed: false, theme: null, muted: true, controls: true }],
  ["?embed=1", { embed: true, theme: null, muted: true, controls: true }],
  ["?embed=1&theme=dark&muted=0&controls=0", { embed: true, theme: "dark", muted: false, controls: false }],
  ["?embed=true&theme=pink&muted=1&controls=1", { embed: true, theme: null, muted: true, controls: true }],
  ["?embed=0", { embed: false, theme: null, muted: true, controls: true }],
])("%s", (search, options) => expect(displayOptions(search)).toEqual(options));

test("the code has the bare view, the stream's size, and leave for what it needs", () => {
  expect(embedCode("https://a.example/s/x/y/player?at=1#t", { width: 1920, height: 1080 })).toBe(
    '<iframe src="https://a.example/s/x/y/player?embed=1" width="1920" height="1080" style="border:0" ' +
      'allow="autoplay; fullscreen; picture-in-picture; local-network-access" title="Live stream"></iframe>',
  );
});
