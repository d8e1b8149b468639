import * as z from 'zod';
import { matches, matchesAny } from '../patterns.ts';

/** A pattern of names: `*` stands for any characters. A name of its own is a pattern, too. */
const pattern = z.string().regex(/^[A-Z0-9_*]{1,100}$/, 'expected a name such as CONNECTIONS or *_CPU_*');

/**
 * Returns the schema of a setting that selects measurements by patterns. A pattern that matches none of the known names
 * is refused, because it is probably a typing error. Names that are not known yet are selected as well.
 */
export function selection(known: ReadonlyArray<{ name: string }>) {
  const matching = pattern.refine((text) => known.some(({ name }) => matches(text, name)), {
    error: ({ input }) => `${input} matches no measurement; docs/data-dictionary.md lists them`,
  });
  return z.array(matching).min(1, 'expected at least one pattern').default(['*']);
}

/** Returns whether a name matches any of the patterns. */
export function isSelected(patterns: readonly string[], name: string): boolean {
  return matchesAny(patterns, name);
}
