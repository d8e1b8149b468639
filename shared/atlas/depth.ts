import type { Fault } from './remarks.ts';

/**
 * Maximum levels of a document that is kept whole; Atlas's have four. Later code walks documents recursively, and some
 * thousands of levels would cause a RangeError.
 */
const DEEPEST = 50;

/** Returns the fault of a document with more levels, or null. */
export function depthFault(document: unknown): Fault | null {
  return isDeeper(document, DEEPEST) ? { path: [], expected: `expected at most ${DEEPEST} levels` } : null;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}
