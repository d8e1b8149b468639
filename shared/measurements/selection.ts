import * as z from 'zod';

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
  return patterns.some((text) => matches(text, name));
}

/** Takes linear time, unlike a regular expression with many wildcards. */
function matches(text: string, name: string): boolean {
  const [first = '', ...others] = text.split('*');
  const last = others.pop();
  if (last === undefined) return name === text;
  if (!name.startsWith(first)) return false;
  let place = first.length;
  for (const part of others) {
    const found = name.indexOf(part, place);
    if (found < 0) return false;
    place = found + part.length;
  }
  return name.length - place >= last.length && name.endsWith(last);
}
