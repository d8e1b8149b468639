/** The start of most tests: noon of a day. */
export const T = Date.parse('2026-03-02T12:00:00Z');

/** Writes an instant as the lake does: `2026-03-02 12:00:00.000`. */
export function lakeTime(instant: number): string {
  return new Date(instant).toISOString().replace('T', ' ').replace('Z', '');
}

/** Reads a time of the lake. */
export function instantOf(time: unknown): number {
  return Date.parse(`${String(time).replace(' ', 'T')}Z`);
}
