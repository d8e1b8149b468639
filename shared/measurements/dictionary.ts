import type { Measurement } from '../lake/table.ts';

/** Returns the descriptions of a measurement and of its maximum, whose name begins with `MAX_`. */
export function withMaximum(name: string, unit: string, description: string): Measurement[] {
  return [
    { name, unit, description },
    { name: `MAX_${name}`, unit, description: `${description.slice(0, -1)}; maximum of the interval.` },
  ];
}

/** Returns the descriptions of measurements that share a unit. */
export function inUnit(unit: string, descriptions: Readonly<Record<string, string>>): Measurement[] {
  return Object.entries(descriptions).map(([name, description]) => ({ name, unit, description }));
}
