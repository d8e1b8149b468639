import { expect, test } from 'vitest';
import { declarations } from '../../../functions/declarations.ts';
import { ArgumentError, readArguments } from '../../bench/cost/arguments.ts';
import { total } from '../../bench/cost/cost.ts';
import { estimate } from '../../bench/cost/estimate.ts';
import { pageWith, readExample, readPage } from '../../bench/cost/page.ts';

test('docs/cost.md has the example as calculated from its measurement (npm run cost -- --example writes it)', () => {
  expect(readPage()).toBe(pageWith(readExample()));
});

test('the example on the page changes with its measurement', () => {
  const measurement = readExample();
  const { use } = measurement;
  expect(pageWith({ ...measurement, use: { ...use, projects: use.projects + 1 } })).not.toBe(readPage());
});

test('the measurement of the example has every dataset that is collected by default, with its schedule', () => {
  const schedules = (datasets: ReadonlyArray<{ name: string; everyMinutes: number }>) =>
    datasets.map(({ name, everyMinutes }) => `${name} ${everyMinutes}`);
  expect(schedules(readExample().datasets)).toEqual(
    schedules(declarations.filter(({ isOptional }) => !isOptional)),
  );
});

test('each dataset of the example has runs for the subjects that it declares, and no others', () => {
  const kinds = readExample().datasets.map(({ name, project, organisation }) => ({
    name,
    subjects: [...(project ? ['project'] : []), ...(organisation ? ['organisation'] : [])],
  }));
  const declared = declarations.filter(({ isOptional }) => !isOptional);
  expect(kinds).toEqual(declared.map(({ name, subjects = ['project'] }) => ({ name, subjects })));
});

test('the rows of the example add up to its total', () => {
  const { parts, dollars } = estimate(readExample());
  const rows = [...readPage().matchAll(/^\| `(\w+)` \| ([\d.]+) \|$/gm)];
  expect(rows.map(([, name]) => name)).toEqual(parts.map(({ name }) => name));
  const sum = rows.reduce((before, [, , amount]) => before + Number(amount), 0);
  // Each row is rounded to a cent.
  expect(Math.abs(sum - dollars)).toBeLessThan(rows.length * 0.005);
  expect(total(parts.flatMap(({ costs }) => costs))).toBeCloseTo(dollars, 9);
});

test('numbers are read, and the others have defaults', () => {
  expect(readArguments(['--projects', '3', '--save'])).toMatchObject({
    shape: { processes: 9, databases: 20, disks: 1, logins: 600 },
    use: { projects: 3, months: 12, queries: 20, days: 7 },
    save: true,
  });
  expect(readArguments(['--help'])).toBe('help');
  expect(readArguments(['--example'])).toBe('example');
});

test.each([
  ['a number of zero', ['--projects', '0'], '--projects must be a whole number above 0, and is "0"'],
  ['a number that is none', ['--days', 'x'], '--days must be a whole number above 0, and is "x"'],
  ['an unknown option', ['--foo'], "Unknown option '--foo'; npm run cost -- --help lists the options"],
  ['a number without an option', ['7'], "Unexpected argument '7'; npm run cost -- --help lists the options"],
  [
    'an option without its number',
    ['--days'],
    "Option '--days <value>' argument missing; npm run cost -- --help lists the options",
  ],
  [
    'a number beside the example',
    ['--example', '--days', '1'],
    '--example takes no other option; leave out one or the other',
  ],
])('%s is refused in one line', (_, args, message) => {
  expect(() => readArguments(args)).toThrow(new ArgumentError(message));
});
