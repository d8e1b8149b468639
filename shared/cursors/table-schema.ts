/** The keys of the cursor table, for the stack and the command line, which create it. */
export const CURSOR_TABLE_KEYS = { partition: 'pk', sort: 'sk' } as const;
