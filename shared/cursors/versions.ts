/**
 * A later version of this program wrote the stored state. This version would lose what it does not know, so
 * it stops before it changes anything.
 */
export class NewerStateError extends Error {
  override readonly name = 'NewerStateError';

  /** @param what is stored in the later version: the header of a dataset and subject, or a cursor */
  constructor(what: string, stored: number, known: number) {
    super(
      `${what} was written by a later version of Atlas Lake (format ${stored}; this version supports ${known}): run the later version again; nothing was changed`,
    );
  }
}
