/** Returns whether a name matches any of the patterns, in which `*` stands for any characters. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((text) => matches(text, name));
}

/** Takes linear time, unlike a regular expression with many wildcards. */
export function matches(text: string, name: string): boolean {
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
