import { expect, test } from 'vitest';
import { subjectOf } from '../../../shared/ids.ts';
import { formatRunMessage, parseRunMessage } from '../../../shared/worker/message.ts';
import { T } from '../../support/times.ts';

const ID = '5efda6aea3f2ed2e7dd6ce00';
const subject = subjectOf('project', ID);
if (!subject) throw new Error('not a project id');
const run = { dataset: 'alerts', subject, tick: T, continuation: 0 };

/** What earlier versions send. */
const EARLIER = `{"unit":"project","project":"${ID}","dataset":"alerts","continuation":0,"tick":"2026-03-02T12:00:00.000Z"}`;

test('a message without a credential has the bytes that earlier versions send and read', () => {
  expect(formatRunMessage({ ...run, credential: null })).toBe(EARLIER);
  expect(parseRunMessage(EARLIER)).toEqual({ ...run, credential: null });
});

test('a message keeps the name of its credential', () => {
  const message = { ...run, credential: 'globex', unlistedSince: T };
  expect(parseRunMessage(formatRunMessage(message))).toEqual(message);
  expect(JSON.parse(formatRunMessage(message))).toMatchObject({ project: ID, credential: 'globex' });
});
