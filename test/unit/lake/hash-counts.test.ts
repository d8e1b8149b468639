import { expect, test } from 'vitest';
import { HashCounts } from '../../../shared/lake/hash-counts.ts';

test('counts each text, however many there are', () => {
  const counts = new HashCounts();
  for (let round = 0; round < 2; round += 1)
    for (let number = 0; number < 20_000; number += 1 + round) counts.add(`text ${number}`);
  const all = Array.from({ length: 20_000 }, (_, number) => counts.of(`text ${number}`));
  expect(all).toEqual(Array.from({ length: 20_000 }, (_, number) => (number % 2 === 0 ? 2 : 1)));
  expect(counts.of('another text')).toBe(0);
});
