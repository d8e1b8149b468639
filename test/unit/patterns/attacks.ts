/** Texts that a pattern may take more than linear time for, derived from the pattern itself. */

/** What stands for one character of a text: an escape, a class, a dot, or the character. */
const ATOM = /\\[pP]\{[^}]*\}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\.|\[(?:[^\]\\]|\\.)*\]|[^\\[]/gi;

/** Groups, assertions, alternatives and quantifiers, which no character stands for. */
const STRUCTURE = /\(\?<?[:=!]|\\b|\{\d+,?\d*\}|[()|^$*+?]/gi;

const CANDIDATES = [...'aA0 -./:@="\'\\<,;?_ZzTdx\t\n+!'];

/** The longest part of a pattern that is repeated. */
const LONGEST_UNIT = 12;

/** One or two characters for each part of the pattern, in order. */
function samplesOf({ source }: RegExp): string[][] {
  const atoms = source.replaceAll(STRUCTURE, '').match(ATOM) ?? [];
  return atoms.flatMap((atom) => {
    if (atom.length === 1 && atom !== '.') return [[atom]];
    try {
      const one = new RegExp(`^${atom}$`, /\\[pP]\{/.test(atom) ? 'u' : '');
      const matching = CANDIDATES.filter((candidate) => one.test(candidate));
      return [[matching[0] ?? 'a', matching.at(-1) ?? 'a']];
    } catch {
      return [];
    }
  });
}

/** The parts that attacks repeat, each with what may stand before it. */
export function attacksOn(pattern: RegExp): { prefix: string; unit: string }[] {
  const attacks = new Map<string, { prefix: string; unit: string }>();
  for (const choice of [0, 1]) {
    const samples = samplesOf(pattern).map((options) => options[choice] ?? options[0] ?? '');
    for (let start = 0; start < samples.length; start += 1) {
      for (let end = start + 1; end <= Math.min(samples.length, start + LONGEST_UNIT); end += 1) {
        const unit = samples.slice(start, end).join('');
        attacks.set(`/${unit}`, { prefix: '', unit });
        // A hyphen ends a word, and is part of many classes.
        if (pattern.source.includes('\\b')) attacks.set(`/${unit}-`, { prefix: '', unit: `${unit}-` });
        const prefix = samples.slice(0, start).join('');
        if (end - start <= 3) attacks.set(`${prefix}/${unit}`, { prefix, unit });
      }
    }
  }
  return [...attacks.values()];
}
