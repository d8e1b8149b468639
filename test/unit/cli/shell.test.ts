import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { answerDotCommand, complete } from '../../../cli/shell/dot-commands.ts';
import { historyFile, readHistory, storeHistory } from '../../../cli/shell/history.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

test.each<[string, string[], string]>([
  ['.s', ['.schema'], '.s'],
  ['SELECT * FROM disk_fo', ['disk_forecast'], 'disk_fo'],
  ['SELECT DISK_FO', ['disk_forecast'], 'DISK_FO'],
  ['select days_until_f', ['days_until_full'], 'days_until_f'],
  ['SEL', ['SELECT'], 'SEL'],
  ['sel', ['select'], 'sel'],
  ['select ', [], ''],
])('%j is completed with %j', (line, completions, word) => {
  expect(complete(line)).toEqual([completions, word]);
});

test.each<[string, RegExp]>([
  ['.schema', /usage: \.schema NAME/],
  ['.schema nothing', /there is no table or view "nothing"/],
  ['.schema failed_logins;', /^column +type +description\n/],
  ['.other', /unknown command "\.other"/],
])('the answer to %j helps', (line, says) => {
  expect(answerDotCommand(line)).toMatch(says);
});

test('the history survives, newest first, and is nothing without a folder', async () => {
  const folder = await makeTemporaryFolder();
  const file = historyFile({ XDG_STATE_HOME: folder });
  expect(readHistory(file)).toEqual([]);
  storeHistory(file, ['newest', 'oldest']);
  expect(readHistory(file)).toEqual(['newest', 'oldest']);
  storeHistory(path.join(file, 'not-a-folder'), ['lost']);
  await rm(folder, { recursive: true });
});
