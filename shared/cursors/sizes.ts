/**
 * How much of the cursor table's limits the collector uses. Separate from the store, so that the stack can
 * import it without the SDK.
 */

/** A transaction takes 100 items; one is the header. */
export const CURSORS_PER_COMMIT = 99;

/** DynamoDB's limit for one transaction is 4 MB; the rest is room for the header and the encoding. */
export const BYTES_PER_COMMIT = 3_500_000;

/** DynamoDB's limit for one item is 400 KB; the rest is room for its keys and the encoding. */
export const BYTES_PER_CURSOR = 350_000;

/** Maximum bytes of one target over all of its items, which are written in one transaction. */
export const BYTES_PER_TARGET = 2_800_000;
