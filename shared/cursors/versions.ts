import * as z from 'zod';

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

const versioned = z.object({ version: z.int() });

/**
 * Checks the version of a stored document, before the rest is parsed: a later version may have another form.
 * @throws {NewerStateError} if it is later than the known one
 */
export function checkVersion(stored: unknown, what: string, known: number): void {
  const { version } = versioned.parse(stored);
  if (version > known) throw new NewerStateError(what, version, known);
}
