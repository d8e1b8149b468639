/** An error that the user can fix. It is printed on one line, without a stack trace, and the process exits with 2. */
export class UsageFailure extends Error {
  override readonly name = 'UsageFailure';
}

/** The CLI's exit codes. */
export const EXIT = { done: 0, incomplete: 1, usage: 2, interrupted: 130 } as const;
