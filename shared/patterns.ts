/** Returns whether a name matches any of the patterns, in which `*` stands for any characters. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((text) => matches(text, name));
}

/**
 * Returns whether a name matches a pattern. Case counts; different encodings of the same characters do not. Takes linear
 * time, unlike a regular expression with many wildcards.
 */
export function matches(pattern: string, raw: string): boolean {
  const [text, name] = [pattern.normalize(), raw.normalize()];
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
