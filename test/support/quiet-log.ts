/** A log that keeps nothing. */
export const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
