// The argument that makes the host's program finish recordings instead of serving a browser.

/** Passed by a host that has to end at once, and by `flybrowser recordings finish`. */
export const FINISH_ARGUMENT = "--finish-recordings";
