// Baseline of the bench: captures the tab in front and records it, only to throw the recording away.

/** Called by the bench: starts to capture the tab whose address begins with `url`. */
globalThis.startRecording = async (url) => {
  const tabs = await chrome.tabs.query({});
  const tab = tabs.find((one) => one.url?.startsWith(url));
  if (!tab) throw new Error(`no tab shows ${url}`);
  const id = await chrome.tabCapture.getMediaStreamId({ targetTabId: tab.id });
  await chrome.offscreen.createDocument({
    url: "offscreen.html",
    reasons: ["USER_MEDIA"],
    justification: "records the tab for the bench",
  });
  return chrome.runtime.sendMessage({ kind: "start", id });
};

/** Called by the bench at the end: hands over what was recorded since the start. */
globalThis.finishRecording = (uploadUrl) => chrome.runtime.sendMessage({ kind: "finish", uploadUrl });
