import type { Fault } from './remarks.ts';

/**
 * Levels of a document that is kept whole; Atlas's have four. What walks through it later calls itself for each, and
 * some thousands of levels end that with a RangeError.
 */
const DEEPEST = 50;

/** What is wrong with a document that is nested deeper than that. */
export function depthFault(document: unknown): Fault | null {
  return isDeeper(document, DEEPEST) ? { path: [], expected: `expected at most ${DEEPEST} levels` } : null;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}
