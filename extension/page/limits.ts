// How often a page may call: the same figures on both ends of the connection.
// Never enforced by the page's own world.

/** Calls at once, after a pause. */
export const CALLS_AT_ONCE = 40;
/** Calls a second, over time. */
export const CALLS_PER_SECOND = 20;
