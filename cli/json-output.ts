let isPrinted = false;

/**
 * Prints the JSON document of a command with `--json`. A command prints exactly one: an error that comes after the result
 * is only on stderr.
 */
export function printJson(document: unknown): void {
  if (isPrinted) return;
  isPrinted = true;
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

/** Prints the document of a command that failed, if there is to be one. */
export function printJsonFailure(error: string, exitCode: number): void {
  if (process.argv.includes('--json')) printJson({ error, exitCode });
}
