import { describe, expect, test } from 'vitest';
import { accessLogs } from '../../../functions/access-logs/tables.ts';
import { redactText, withoutSecrets } from '../../../functions/inventory/secrets.ts';
import { parseChallenge } from '../../../shared/atlas/authentication/digest.ts';
import { untrustedText } from '../../../shared/atlas/untrusted-text.ts';
import { Eraser } from '../../../shared/lake/erasure.ts';
import { attacksOn } from './attacks.ts';
import { cpuTime, growthOf, MOST_GROWTH } from './linear.ts';
import { patternsBelow } from './sources.ts';

const FOLDERS = ['shared', 'functions', 'cli'];
const patterns = patternsBelow(...FOLDERS);

/** Characters of the first try, and the milliseconds that make an attack worth a second look. */
const LENGTH = 8_192;
const SUSPICIOUS = 2;

/** Characters that take a moment where time doubles with each of them. */
const EXPONENTIAL_LENGTH = 22;

/** The attacks under which a pattern takes more than linear time. */
function weaknessesOf(pattern: RegExp): string[] {
  const use = (text: string) => void text.replace(pattern, '');
  const found: string[] = [];
  for (const { prefix, unit } of attacksOn(pattern)) {
    for (const suffix of ['', '\u0001']) {
      const textOf = (length: number) =>
        prefix + unit.repeat(Math.ceil(length / Math.max(unit.length, 1))) + suffix;
      const short = textOf(EXPONENTIAL_LENGTH);
      if (cpuTime(() => use(short), 1) > SUSPICIOUS && cpuTime(() => use(short)) > SUSPICIOUS) {
        return [`${JSON.stringify(short)}: exponential`];
      }
      const text = textOf(LENGTH);
      if (cpuTime(() => use(text), 1) < SUSPICIOUS || cpuTime(() => use(text)) < SUSPICIOUS) continue;
      const growth = growthOf(use, textOf);
      if (growth > MOST_GROWTH)
        found.push(`${JSON.stringify({ prefix, unit, suffix })}: ${growth.toFixed(1)}`);
      if (found.length > 2) return found;
    }
  }
  return found;
}

describe('every regular expression of the sources takes linear time', () => {
  test('the sources are searched for them', () => {
    expect(patterns.length).toBeGreaterThan(60);
    const files = new Set(patterns.map(({ file }) => file));
    for (const file of ['functions/inventory/secrets.ts', 'shared/atlas/authentication/digest.ts'])
      expect(files).toContain(file);
  });

  test.each(patterns.map(({ file, pattern }) => [String(pattern), file, pattern] as const))(
    '%s in %s',
    (_source, _file, pattern) => {
      expect(weaknessesOf(pattern)).toEqual([]);
    },
  );

  test.each([
    /:\/\/[^\s"'<>]*@/g,
    /\s*\n\s*/g,
    /\beyJ[\w-]+\.[\w-]+/g,
    /^(\w+)+$/,
    /(https?:\/\/[^\s?]*)\?[^\s]*sig=/i,
  ])('and this would find %s', (pattern) => {
    expect(weaknessesOf(pattern)).not.toEqual([]);
  });
});

/** What reads text of others, whatever patterns it is made of. */
const READERS: Record<string, (text: string) => void> = {
  redactText,
  withoutSecrets: (text) => void withoutSecrets({ [text]: text, password: { [text]: text } }, []),
  parseChallenge,
  untrustedText,
  erasure: (text) => void new Eraser(accessLogs, 'ann').erase(JSON.stringify({ log_line: `ann ${text}` })),
  'erasure of a long name': (text) => {
    const user = text.slice(0, 500);
    new Eraser(accessLogs, user).erase(JSON.stringify({ log_line: text }));
  },
};

const UNITS = [
  ...[
    'https://x?',
    '://',
    'https://x?a=b',
    '-----BEGIN PRIVATE KEY-----',
    '-----END A',
    'eyJa-',
    'eyJa.',
    'eyJ',
  ],
  ...[
    'password="',
    "token='",
    'secret = ',
    'Bearer ',
    'Digest nonce="',
    'a="\\',
    'mdb_sa_sk_',
    ' ',
    '\n',
    'A',
    '@',
  ],
];

describe.each(Object.entries(READERS))('%s takes linear time', (_name, read) => {
  test.each(UNITS)('of %j', (unit) => {
    const textOf = (length: number) => unit.repeat(Math.ceil(length / unit.length));
    expect(growthOf(read, textOf)).toBeLessThan(MOST_GROWTH);
  });
});
