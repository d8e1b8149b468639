import { readdir, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NaturalKeys } from '../../../cli/verification/natural-keys.ts';
import { DAY } from '../../../shared/durations.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => rm(folder, { recursive: true }));

describe('natural keys', () => {
  test('have no duplicates when all are different', async () => {
    const keys = new NaturalKeys(folder);
    for (const key of ['["1"]', '[1]', '[null]', '["a","b"]', '["a,b"]']) await keys.add(key, 0);
    expect(await keys.duplicates()).toEqual(new Map());
  });

  test('count as duplicates on the day of each repeated row', async () => {
    const keys = new NaturalKeys(folder);
    for (const day of [0, 3, 3, 5]) await keys.add('same', day * DAY);
    await keys.add('other', 3 * DAY);
    expect(await keys.duplicates()).toEqual(
      new Map([
        [3 * DAY, 2],
        [5 * DAY, 1],
      ]),
    );
  });

  test('are found in files when they exceed memory', async () => {
    const keys = new NaturalKeys(folder, 16);
    const many = 20_000;
    for (let number = 0; number < many; number += 1) await keys.add(String(number), 0);
    for (let number = 0; number < many; number += 1_000) await keys.add(String(number), DAY);
    expect((await readdir(folder)).length).toBeGreaterThan(200);
    expect(await keys.duplicates()).toEqual(new Map([[DAY, 20]]));
  });
});
