import { NewerStateError } from '../../shared/cursors/versions.ts';

/** Stands for a stored document that cannot be read. */
export const UNREADABLE = 'unreadable';

export type Unreadable = typeof UNREADABLE;

/**
 * Decodes a document that is stored as a whole.
 * @throws {NewerStateError} if a later version of this program wrote it: it is not damaged
 */
export function decoded<Content>(decode: () => Content): Content | Unreadable {
  try {
    return decode();
  } catch (error) {
    if (error instanceof NewerStateError) throw error;
    return UNREADABLE;
  }
}
