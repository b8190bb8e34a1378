// Entry of the demo page, which `flybrowser stream` opens without a URL: clock, numbers, landscape, sound.
import { Scene } from "./scene.ts";
import { Sound } from "./sound.ts";

/** ms over which the frame rate is measured. */
const RATE_WINDOW = 1_000;

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found as T;
}

/** Sets the text of an element only if it changed: an unchanged element isn't painted again. */
function writer(id: string): (text: string) => void {
  const target = element(id);
  let shown = "";
  return (text) => {
    if (text === shown) return;
    shown = text;
    target.textContent = text;
  };
}

const two = (value: number): string => String(value).padStart(2, "0");

function run(): void {
  const canvas = element<HTMLCanvasElement>("scene");
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("this browser has no canvas");
  const scene = new Scene(canvas, context);
  const resize = () => scene.resize(innerWidth, innerHeight, Math.min(devicePixelRatio, 2));
  addEventListener("resize", resize);
  resize();

  const sound = new Sound();
  const hint = element<HTMLButtonElement>("hint");
  addEventListener("pointerdown", () => void sound.resume());
  addEventListener("keydown", () => void sound.resume());

  const time = writer("time");
  const milliseconds = writer("milliseconds");
  const frame = writer("frame");
  const rate = writer("rate");
  const uptime = writer("uptime");
  const soundState = writer("sound");
  const opened = Date.now();
  let frames = 0;
  let counted = { at: performance.now(), frames: 0 };

  const paint = (at: number): void => {
    // The clock is read once per frame, so that everything in it shows the same moment.
    const now = Date.now();
    const date = new Date(now);
    frames += 1;
    scene.draw(now);
    time(`${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`);
    milliseconds(`.${String(date.getMilliseconds()).padStart(3, "0")}`);
    frame(frames.toLocaleString("en"));
    if (at - counted.at >= RATE_WINDOW) {
      rate(String(Math.round(((frames - counted.frames) * 1000) / (at - counted.at))));
      counted = { at, frames };
      const seconds = Math.floor((now - opened) / 1000);
      uptime(`${Math.floor(seconds / 60)}:${two(seconds % 60)}`);
      soundState(sound.state);
      hint.hidden = sound.state !== "blocked";
    }
    requestAnimationFrame(paint);
  };
  requestAnimationFrame(paint);
}

run();
