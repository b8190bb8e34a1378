// Records as the real offscreen document does (same constraints, type, bitrate, 100 ms slices), and keeps the
// slices in memory only, so that the bench can count the frames afterwards.
const slices = [];
let recorder;

async function start(id) {
  const source = { chromeMediaSource: "tab", chromeMediaSourceId: id };
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { mandatory: source },
    video: { mandatory: { ...source, maxWidth: 1280, maxHeight: 720, minFrameRate: 30, maxFrameRate: 30 } },
  });
  recorder = new MediaRecorder(stream, {
    mimeType: "video/x-matroska;codecs=avc1,opus",
    videoBitsPerSecond: 1_500_000,
    audioBitsPerSecond: 96_000,
    videoKeyFrameIntervalDuration: 1000,
  });
  recorder.ondataavailable = (event) => slices.push(event.data);
  recorder.start(100);
}

async function finish(uploadUrl) {
  const stopped = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  recorder.stop();
  await stopped;
  await fetch(uploadUrl, { method: "POST", mode: "no-cors", body: new Blob(slices) });
}

chrome.runtime.onMessage.addListener((message, _sender, answer) => {
  const work = message.kind === "start" ? start(message.id) : finish(message.uploadUrl);
  work.then(
    () => answer({ ok: true }),
    (error) => answer({ ok: false, error: String(error) }),
  );
  return true;
});
