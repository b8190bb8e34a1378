// The oldest versions of other programs that are supported.

/** Major and minor. */
export type Version = readonly [major: number, minor: number];

/** Node, where it isn't inside the executable. */
export const OLDEST_NODE: Version = [20, 19];
/** FFmpeg. */
export const OLDEST_FFMPEG: Version = [4, 4];

/** Whether a version is `oldest` or newer. */
export function atLeast(version: Version, oldest: Version): boolean {
  return version[0] > oldest[0] || (version[0] === oldest[0] && version[1] >= oldest[1]);
}
