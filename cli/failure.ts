/** Something that the user can mend: printed as one line, without a stack trace; the process ends with 2. */
export class UsageFailure extends Error {
  override readonly name = 'UsageFailure';
}

/** Exit codes of the command line. */
export const EXIT = { done: 0, incomplete: 1, usage: 2, interrupted: 130 } as const;
