// Where in the picture of a video a pointer is, whatever the size of the player and the bars beside the picture.

/** A box on the screen, CSS px. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A place in the picture: shares of its width and height, and its width by its height. */
export interface PicturePlace {
  readonly x: number;
  readonly y: number;
  readonly aspect: number;
}

/**
 * The place at a point of the screen, CSS px; beside the picture, that of its nearest edge. `box`: of the video element, which shows its
 * picture whole and in the middle (`object-fit: contain`). `picture`: px of the video; `null`: there is none yet.
 */
export function picturePlace(
  point: { readonly x: number; readonly y: number },
  box: Box,
  picture: { readonly width: number; readonly height: number },
): PicturePlace | null {
  if (picture.width <= 0 || picture.height <= 0 || box.width <= 0 || box.height <= 0) return null;
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  const x = (point.x - box.left - (box.width - width) / 2) / width;
  const y = (point.y - box.top - (box.height - height) / 2) / height;
  return { x: share(x), y: share(y), aspect: picture.width / picture.height };
}

/** Whether a point of the screen is in the picture, and not beside it. */
export function isInPicture(
  point: { readonly x: number; readonly y: number },
  box: Box,
  picture: { readonly width: number; readonly height: number },
): boolean {
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  const [x, y] = [point.x - box.left - (box.width - width) / 2, point.y - box.top - (box.height - height) / 2];
  return x >= 0 && y >= 0 && x <= width && y <= height;
}

const share = (value: number) => Math.min(1, Math.max(0, value));
