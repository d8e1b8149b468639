import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../shared/atlas/responses.ts';
import { withoutNotNumbers } from '../../../shared/atlas/tolerant-json.ts';

const ERROR_CONTEXT = { operation: 'getThing', attempts: 1 };

describe('parseJson of a document with bare NaN and Infinity', () => {
  it('returns null for them, and keeps them in strings', () => {
    let count = 0;
    const text = String.raw`{"a":NaN,"b":[-Infinity,Infinity,1],"NaN":"NaN \" NaN \\","c":"\\\"Infinity"}`;
    const document = parseJson({ text }, ERROR_CONTEXT, {
      onNotNumbers: (found) => {
        count = found;
      },
    });
    expect(document).toEqual({ a: null, b: [null, null, 1], NaN: 'NaN " NaN \\', c: '\\"Infinity' });
    expect(count).toBe(3);
  });

  it.each(['{"a":NaN', 'NaN NaN', '{"a":"NaN}', '{"a":xNaN}', '<html>NaN</html>', ''])(
    'rejects text that is otherwise not JSON: %s',
    (text) => {
      expect(() => parseJson({ text }, ERROR_CONTEXT)).toThrow('getThing: the response is not JSON');
    },
  );

  it('returns the same as for null', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('NaN', 'Infinity', '-Infinity'), (json, number) => {
        expect(parseJson({ text: `[${number},${json}]` }, ERROR_CONTEXT)).toEqual([null, JSON.parse(json)]);
      }),
    );
  });

  it.each([
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['quotes after backslashes', '\\"'],
    ['bare NaN', 'NaN,'],
    ['signs', '-'],
  ])('takes linear time for %s', (_what, piece) => {
    const time = (length: number) => {
      const text = `[NaN,"${piece.repeat(length)}`;
      // Of this process alone: other work on the machine does not count.
      const before = process.cpuUsage();
      withoutNotNumbers(text);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    time(100_000);
    const [short, long] = [time(200_000), time(800_000)];
    expect(long).toBeLessThan(Math.max(20 * short, 2_000));
  });
});
