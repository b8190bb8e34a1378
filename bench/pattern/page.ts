// The page that paints the time and a frame number: `?fps=30` paints that often, without it on every animation frame;
// `?sound=1` plays a quiet melody. Runs in the streamed browser.
import { COLUMNS, encodePattern, PICTURE_COLUMNS, PICTURE_ROWS, ROWS } from "./codec.ts";

declare global {
  interface Window {
    /** Times (ms since 1970) of the frames painted so far, the last 10,000. */
    paintedFrames: number[];
  }
}

const KEPT = 10_000;

function paint(context: CanvasRenderingContext2D, frame: number): void {
  const cells = encodePattern({ time: Date.now(), frame });
  const { width, height } = context.canvas;
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#fff";
  cells.forEach((white, index) => {
    if (!white) return;
    const x = (index % COLUMNS) * (width / COLUMNS);
    context.fillRect(x, Math.floor(index / COLUMNS) * (height / ROWS), width / COLUMNS, height / ROWS);
  });
}

function resizeToPage(canvas: HTMLCanvasElement): void {
  canvas.width = Math.round((innerWidth * COLUMNS) / PICTURE_COLUMNS);
  canvas.height = Math.round((innerHeight * ROWS) / PICTURE_ROWS);
}

/** Hz: a scale, up and down. */
const MELODY = [262, 294, 330, 392, 440, 524, 440, 392, 330, 294] as const;
/** ms of a note. */
const NOTE = 200;

/** Notes with overtones that begin and fade: as little like a steady tone, for an encoder, as speech and music are. */
function playMelody(): void {
  const audio = new AudioContext();
  const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
  oscillator.type = "sawtooth";
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start();
  let index = 0;
  setInterval(() => {
    const now = audio.currentTime;
    oscillator.frequency.setValueAtTime(MELODY[index++ % MELODY.length] ?? 440, now);
    gain.gain.setValueAtTime(0.15, now);
    gain.gain.exponentialRampToValueAtTime(0.02, now + NOTE / 1000);
  }, NOTE);
}

function start(): void {
  const query = new URLSearchParams(location.search);
  const rate = Number(query.get("fps") ?? 0);
  const canvas = document.querySelector("canvas") as HTMLCanvasElement;
  const mover = document.querySelector("#mover") as HTMLElement;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  window.paintedFrames = [];
  resizeToPage(canvas);
  addEventListener("resize", () => resizeToPage(canvas));
  if (query.get("sound") === "1") playMelody();
  let frame = 0;
  let lastSlot = -1;
  const tick = (now: number) => {
    // Slots of a fixed grid, so that the rate holds whatever the screen's rate is.
    const slot = rate > 0 ? Math.floor((now * rate) / 1000) : lastSlot + 1;
    if (slot !== lastSlot) {
      lastSlot = slot;
      paint(context, frame++);
      mover.style.transform = `translateX(${(frame * 4) % Math.max(1, innerWidth - 160)}px)`;
      window.paintedFrames.push(Date.now());
      if (window.paintedFrames.length > KEPT) window.paintedFrames.shift();
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

start();
