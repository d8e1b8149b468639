import { expect, test } from 'vitest';
import { nameAndId, nameOf, subjectNames } from '../../../cli/subject-names.ts';

const SHOP = '6a793f53c0eb9e7a177137c2';
const OTHER = '6a793f53c0eb9e7a177137c3';

test('a subject is shown by its name, and by its id if it has none', () => {
  const names = subjectNames([{ subject_id: SHOP, name: 'webshop' }]);
  expect([nameOf(names, SHOP), nameOf(names, OTHER)]).toEqual(['webshop', OTHER]);
  expect([nameAndId(names, SHOP), nameAndId(names, OTHER)]).toEqual([`webshop (${SHOP})`, OTHER]);
});

test('subjects with the same name are shown with the ends of their ids', () => {
  const names = subjectNames([SHOP, OTHER].map((subject_id) => ({ subject_id, name: 'webshop' })));
  expect([...names.values()]).toEqual(['webshop (…7137c2)', 'webshop (…7137c3)']);
});

test.each([
  ['a hash', 'a'.repeat(64)],
  ['nothing', null],
  ['only blanks', ' \n '],
])('a name that is %s is no name', (_what, name) => {
  expect(subjectNames([{ subject_id: SHOP, name }]).size).toBe(0);
});

test('a name has no characters that control a terminal', () => {
  const names = subjectNames([{ subject_id: SHOP, name: '\u001b[31mweb\nshop' }]);
  expect(names.get(SHOP)).toBe('[31mweb shop');
});
