/** The cursor table's keys, for whoever creates it: the stack, and the command line. */
export const CURSOR_TABLE_KEYS = { partition: 'pk', sort: 'sk' } as const;
