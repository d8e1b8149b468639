export function floorTo(instant: number, step: number): number {
  return Math.floor(instant / step) * step;
}

export function ceilTo(instant: number, step: number): number {
  return Math.ceil(instant / step) * step;
}

/** Formats an instant for readers. */
export function formatInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
