import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPRESSIONS, codecOf } from '../../../shared/lake/compression.ts';
import { PartitionFile } from '../../../shared/lake/partition-file.ts';
import { wholeLine } from '../../../shared/lake/row-encoder.ts';

/**
 * Lines of all lengths, some longer than one compression step, with characters of one to four bytes. Some begin like the
 * line before.
 */
const lines = fc.array(
  fc
    .record({
      character: fc.constantFrom('a', 'é', '€', '\u{1f600}'),
      length: fc.oneof(
        { weight: 5, arbitrary: fc.nat(200) },
        { weight: 2, arbitrary: fc.integer({ min: 50_000, max: 150_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: 250_000, max: 400_000 }) },
      ),
    })
    .chain(({ character, length }) =>
      fc.record({
        start: fc.constantFrom('', '{"host":"a"', '{"host":"é"', '€'.repeat(70_000)),
        rest: fc.constant(`${character.repeat(length)}\n`),
      }),
    ),
  { maxLength: 12 },
);

describe('PartitionFile', () => {
  it.each(COMPRESSIONS)('contains the lines as they were added, with %s', async (compression) => {
    await fc.assert(
      fc.asyncProperty(lines, async (added) => {
        const file = new PartitionFile(compression);
        for (const line of added) {
          while (!file.add(line)) await file.compress();
        }
        expect(file.rows).toBe(added.length);
        const lines = await codecOf(compression).decompress(await file.finish());
        expect(lines.toString() === added.map(wholeLine).join('')).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
