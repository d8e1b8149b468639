/** Long enough for every message that Atlas is known to send, short enough for one log line. */
const MAX_LENGTH = 500;

/** Controls, invisible format characters (bidirectional overrides among them), line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * Text from outside, fit to stand in an error message or a log: one line, at most 500 characters, with the given
 * secrets blacked out in case that the other side echoes what it was sent.
 */
export function untrustedText(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, '[redacted]');
  clean = printable(clean).trim();
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH - 1).toWellFormed()}…` : clean;
}

/** Text of any length that steers no terminal and starts no line. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, ' ');
}
