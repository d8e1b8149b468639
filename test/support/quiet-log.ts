/** A log that discards everything. */
export const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
