import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../../shared/durations.ts';
import { fractionAt, hashAt, hashText, hexName, mix } from '../../../simulator/hash.ts';

describe('the hash', () => {
  // Published test vectors: MurmurHash3 of nothing is the finaliser of its seed.
  test.each([
    [0, 0],
    [1, 0x514e28b7],
    [0xffffffff, 0x81f16f39],
  ])('mixes %i like MurmurHash3', (input, output) => {
    expect(mix(input)).toBe(output);
  });

  // Published test vectors of FNV-1a, 32 bits.
  test.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('mixes the FNV-1a of %o', (input, fnv) => {
    expect(hashText(input)).toBe(mix(fnv));
  });

  test('differs for times that differ only above 32 bits, or in their sign', () => {
    const times = [1, 1 + 2 ** 32, 1 + 2 ** 33, -1, -1 - 2 ** 32];
    expect(new Set(times.map((time) => hashAt(7, time))).size).toBe(times.length);
  });

  test('spreads fractions evenly over [0, 1)', () => {
    const fractions = Array.from({ length: 10_000 }, (_, index) => fractionAt(3, index * MINUTE));
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fractions)).toBeLessThan(1);
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => fractions.filter((fraction) => Math.floor(fraction * 10) === tenth).length,
    );
    // 1000 each; 5 standard deviations are 150.
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test('returns names with the requested number of digits', () => {
    expect(hexName('project/1/a', 24)).toMatch(/^[0-9a-f]{24}$/);
    expect(hexName('project/1/a', 24)).not.toBe(hexName('project/1/b', 24));
  });
});
