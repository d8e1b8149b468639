/** Longer than every known message of Atlas, short enough for one log line. */
const MAX_LENGTH = 500;

/**
 * Control characters, invisible format characters (including bidirectional overrides), line and paragraph separators.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * Returns external text in a form that is safe for an error message or a log: one line of at most 500 characters.
 * Redacts the given secrets, in case the other side repeats them.
 */
export function untrustedText(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, '[redacted]');
  clean = printable(clean).trim();
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH - 1).toWellFormed()}…` : clean;
}

/** Returns text of any length without characters that control a terminal or start a line. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, ' ');
}
