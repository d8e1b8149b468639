/** A statement that Athena could not run, or that must not run now. What was erased before it stays erased. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
}
