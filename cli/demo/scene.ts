// The moving landscape: a sun with a second hand, passing hills, a paper plane. Flat colours and few points, so that a machine
// without a GPU paints it in a few ms.

/** One line of hills: colour, height of its middle and of its waves (shares of the height), pace in px/s. */
interface Hills {
  readonly colour: string;
  readonly middle: number;
  readonly wave: number;
  readonly length: number;
  readonly pace: number;
}

const HILLS: readonly Hills[] = [
  { colour: "#e9a58a", middle: 0.66, wave: 0.05, length: 0.42, pace: 12 },
  { colour: "#c9736d", middle: 0.73, wave: 0.055, length: 0.34, pace: 26 },
  { colour: "#8c4a64", middle: 0.81, wave: 0.05, length: 0.46, pace: 48 },
  { colour: "#4a2d56", middle: 0.885, wave: 0.04, length: 0.38, pace: 84 },
  { colour: "#2a1f42", middle: 0.95, wave: 0.025, length: 0.3, pace: 130 },
];

/** Colours of the sky from above to below: bands, since a gradient is repainted far more slowly. */
const SKY: readonly string[] = ["#f9e7c9", "#f8dfbf", "#f7d7b4", "#f6ceaa", "#f4c4a0", "#f2b997", "#efad8e"];

/** px between two points of a line of hills. */
const STEP = 16;

/** Draws the landscape on one canvas. */
export class Scene {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #width = 0;
  #height = 0;

  constructor(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D) {
    this.#canvas = canvas;
    this.#context = context;
  }

  /** Takes the size of the window, px of CSS. */
  resize(width: number, height: number, pixel_ratio: number): void {
    this.#width = width;
    this.#height = height;
    this.#canvas.width = Math.round(width * pixel_ratio);
    this.#canvas.height = Math.round(height * pixel_ratio);
    this.#context.setTransform(pixel_ratio, 0, 0, pixel_ratio, 0, 0);
  }

  /** Draws the moment `now`, ms since 1970. */
  draw(now: number): void {
    this.#sky();
    this.#sun(now);
    const [far, ...near] = HILLS;
    if (far) this.#hills(far, now);
    this.#plane(now);
    for (const hills of near) this.#hills(hills, now);
  }

  #sky(): void {
    const band = (this.#height * 0.72) / SKY.length;
    SKY.forEach((colour, index) => {
      this.#context.fillStyle = colour;
      this.#context.fillRect(0, Math.floor(index * band), this.#width, Math.ceil(band) + 1);
    });
  }

  /** The sun is the second: its ring closes once a second, and it beats with the tick. */
  #sun(now: number): void {
    const context = this.#context;
    const second = (now % 1000) / 1000;
    const x = this.#width * 0.83;
    const y = this.#height * 0.42;
    const radius = this.#height * 0.108 * (1 + 0.06 * Math.exp(-second * 7));
    disc(context, x, y, radius * 1.75, "#f9dcae");
    disc(context, x, y, radius * 1.38, "#f9cf94");
    disc(context, x, y, radius, "#ef6a4a");
    context.beginPath();
    context.arc(x, y, radius * 1.38, -Math.PI / 2, -Math.PI / 2 + second * 2 * Math.PI);
    context.lineWidth = this.#height * 0.009;
    context.lineCap = "round";
    context.strokeStyle = "#c8412f";
    context.stroke();
  }

  #hills({ colour, middle, wave, length, pace }: Hills, now: number): void {
    const context = this.#context;
    const size = this.#height * length;
    const moved = ((now / 1000) * pace) % (size * 2 * Math.PI * 13);
    context.beginPath();
    context.moveTo(0, this.#height);
    for (let x = 0; x <= this.#width + STEP; x += STEP) {
      const at = (x + moved) / size;
      // Thirteenths of each other, so that the line repeats only after a long while and joins when it does.
      const y = Math.sin(at) * 0.6 + Math.sin((at * 31) / 13) * 0.28 + Math.sin((at * 67) / 13) * 0.12;
      context.lineTo(x, this.#height * (middle + wave * y));
    }
    context.lineTo(this.#width + STEP, this.#height);
    context.closePath();
    context.fillStyle = colour;
    context.fill();
  }

  /** It crosses the picture in twelve seconds, with a dashed trail of where it was. */
  #plane(now: number): void {
    const context = this.#context;
    const place = (ms: number): [number, number] => {
      const share = (ms % 12_000) / 12_000;
      return [this.#width * (share * 1.3 - 0.12), this.#height * (0.6 - 0.05 * Math.sin(share * 9) - 0.06 * share)];
    };
    const into = now % 12_000;
    const [x, y] = place(now);
    context.beginPath();
    for (let age = Math.min(2_600, into); age >= 200; age -= 120) context.lineTo(...place(now - age));
    context.setLineDash([7, 9]);
    context.lineDashOffset = 0;
    context.lineWidth = 2;
    context.strokeStyle = "#ffffff";
    context.stroke();
    context.setLineDash([]);

    const [nextX, nextY] = place(Math.min(now + 60, now - into + 11_999));
    const size = this.#height * 0.042;
    context.save();
    context.translate(x, y);
    context.rotate(Math.atan2(nextY - y, nextX - x || 1));
    wing(context, size, [1, 0], [-0.9, -0.62], [-0.5, 0], "#ffffff");
    wing(context, size, [1, 0], [-0.5, 0], [-0.72, 0.5], "#f3e9e2");
    wing(context, size, [1, 0], [-0.5, 0], [-0.46, 0.26], "#c9bdb9");
    context.restore();
  }
}

function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number, colour: string): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
}

type Point = readonly [number, number];

function wing(context: CanvasRenderingContext2D, size: number, a: Point, b: Point, c: Point, colour: string): void {
  context.beginPath();
  for (const [x, y] of [a, b, c]) context.lineTo(x * size, y * size);
  context.closePath();
  context.fillStyle = colour;
  context.fill();
}
