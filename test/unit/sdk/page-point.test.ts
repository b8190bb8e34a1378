import { describe, expect, test } from "vitest";
import { picturePlace } from "../../../player/picture-place.ts";
import { pagePoint } from "../../../sdk/page-point.ts";

const PAGE = { width: 1280, height: 720 };

describe("a place in the picture is the point of the page that is seen there", () => {
  test.each([
    ["the middle", { x: 0.5, y: 0.5, aspect: 16 / 9 }, { x: 640, y: 360 }],
    ["the first pixel", { x: 0, y: 0, aspect: 16 / 9 }, { x: 0, y: 0 }],
    ["sizes that encoders round (854×480)", { x: 0.25, y: 0.75, aspect: 854 / 480 }, { x: 320, y: 540 }],
    ["bars above and below (a square picture)", { x: 0.5, y: 0.5 - 9 / 32, aspect: 1 }, { x: 640, y: 0 }],
    ["bars left and right (21:9)", { x: 0.5 + 16 / 9 / (21 / 9) / 4, y: 0.5, aspect: 21 / 9 }, { x: 960, y: 360 }],
  ])("%s", (_name, place, point) => {
    const { x, y } = pagePoint(place, PAGE);
    expect(x).toBeCloseTo(point.x, 0);
    expect(y).toBeCloseTo(point.y, 0);
  });

  test("never beside the page: its last pixel, and its edge for the bars", () => {
    expect(pagePoint({ x: 1, y: 1, aspect: 16 / 9 }, PAGE)).toEqual({ x: 1279.99, y: 719.99 });
    expect(pagePoint({ x: 0.5, y: 0, aspect: 1 }, PAGE).y).toBe(0);
    expect(pagePoint({ x: 0.5, y: 1, aspect: 1 }, PAGE).y).toBe(719.99);
  });
});

describe("from the screen of a viewer to the page", () => {
  const box = { left: 100, top: 50, width: 800, height: 800 };
  // The picture is 800×450, 175 px below the box's upper edge.
  const at = (x: number, y: number, picture = { width: 1280, height: 720 }) => {
    const place = picturePlace({ x, y }, box, picture);
    return place && pagePoint(place, PAGE);
  };

  test("whatever the size of the player and the bars beside the picture", () => {
    expect(at(100, 225)).toEqual({ x: 0, y: 0 });
    expect(at(500, 450)).toEqual({ x: 640, y: 360 });
    expect(at(300, 225 + 450 * 0.9)?.y).toBeCloseTo(648);
    expect(at(300, 300, { width: 640, height: 360 })).toEqual(at(300, 300));
  });

  test("beside the picture: its nearest edge, as for a drag that leaves it", () => {
    expect(at(20, 60)).toEqual({ x: 0, y: 0 });
    expect(at(2000, 2000)).toEqual({ x: 1279.99, y: 719.99 });
  });

  test("nothing before there is a picture", () => {
    expect(at(500, 450, { width: 0, height: 0 })).toBeNull();
  });
});
