import { NewerStateError } from '../../shared/cursors/versions.ts';
import { checkReplacement } from '../../shared/lake/replacements.ts';

/** Stands for a stored document that cannot be read. */
export const UNREADABLE = 'unreadable';

export type Unreadable = typeof UNREADABLE;

/** Returns whether there is a note that says that a backfill has read an object again. */
export function replacedBy(note: Buffer | null): boolean | Unreadable {
  if (note === null) return false;
  return decoded(() => {
    checkReplacement(note);
    return true;
  });
}

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
