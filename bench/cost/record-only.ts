// Subject: the tab captured and recorded in an extension of the bench. The recording stays in the extension's memory and is read
// once, after the measurement, to count its frames.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { launchBrowser } from "../browser.ts";
import type { RunningSubject, SubjectContext } from "./subject.ts";

const EXTENSION = { path: resolve(import.meta.dirname, "../record-only"), id: "kgpflmkpbopmlikobbkdjfjllhnggfoj" };

// What background.js offers in the extension's service worker.
declare const startRecording: (url: string) => Promise<{ ok: boolean; error?: string }>;
declare const finishRecording: (url: string) => Promise<{ ok: boolean; error?: string }>;

/** Takes one upload and writes it to `file`. */
async function receiveUpload(file: string): Promise<{ url: string; received: Promise<void>; close: () => void }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const received = new Promise<void>((done, fail) => {
    server.on("request", (request, response) => {
      pipeline(request, createWriteStream(file)).then(() => {
        response.end();
        done();
      }, fail);
    });
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received, close: () => server.close() };
}

/** Opens the page, and the bench's own extension records it. */
export async function start({ page_url, folder }: SubjectContext): Promise<RunningSubject> {
  const browser = await launchBrowser(EXTENSION);
  const [page] = await browser.pages();
  if (!page) throw new Error("Chromium opened no page.");
  await page.goto(page_url);
  const target = await browser.waitForTarget(
    (one) => one.type() === "service_worker" && one.url().includes(EXTENSION.id),
    {
      timeout: 10_000,
    },
  );
  const worker = await target.worker();
  if (!worker) throw new Error("The bench's extension did not start.");
  const begun = await worker.evaluate((url) => startRecording(url), page_url);
  if (!begun.ok) throw new Error(`The bench's extension could not record: ${begun.error}`);
  return {
    async finish() {
      const file = join(folder, "record-only.mkv");
      const upload = await receiveUpload(file);
      const answer = await worker.evaluate((url) => finishRecording(url), upload.url);
      if (!answer.ok) throw new Error(`The bench's extension could not hand over its recording: ${answer.error}`);
      await upload.received;
      upload.close();
      await browser.close();
      return { file, painted: null };
    },
  };
}
