// The last picture, kept on a canvas while one engine takes over from another: a viewer never stares at black.

/** Copies what the video shows onto the canvas behind it, and shows the canvas; nothing when there is no picture. */
export function keepPicture(video: HTMLVideoElement, still: HTMLCanvasElement): void {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
  still.width = videoWidth;
  still.height = videoHeight;
  still.getContext("2d")?.drawImage(video, 0, 0);
  still.hidden = false;
}
