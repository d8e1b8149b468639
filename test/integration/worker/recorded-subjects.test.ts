import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type LocalAws, startLocalAws } from '../../../cli/local-aws.ts';
import { RecordedSubjects } from '../../../functions/dispatch/recorded-subjects.ts';
import { eventsDeclaration } from '../../../functions/events/declaration.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import type { Document } from '../../../shared/cursors/document.ts';
import { EMPTY_TOTALS } from '../../../shared/engine/run-statistics.ts';
import { isOrganisationId, isProjectId, subjectOf } from '../../../shared/ids.ts';
import { CommitLog } from '../../../shared/lake/commit-log.ts';
import { recordKey } from '../../../shared/lake/keys.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { T } from '../../support/times.ts';

const idOf = (digit: string) => {
  const id = digit.repeat(24);
  if (!isProjectId(id)) throw new Error('not an id');
  return id;
};
const organisationOf = (digit: string) => {
  const id = digit.repeat(24);
  if (!isOrganisationId(id)) throw new Error('not an id');
  return id;
};

let aws: LocalAws;
let log: CommitLog;
let batch = 1_700_000_000;
beforeEach(async () => {
  aws = await startLocalAws(await makeTemporaryFolder());
  log = new CommitLog(aws.lake);
});
afterEach(() => aws.close());

const scopeOf = (digit: string, dataset = 'events') => ({ dataset, subject: idOf(digit) });

async function record(digit: string, collected: Document, dataset?: string): Promise<void> {
  const statistics = {
    totals: EMPTY_TOTALS,
    ...{ reported_tick: null, gaps: 0, last_run: null, ...(collected !== null && { collected }) },
  };
  batch += 1;
  const content = { batch, run: 'run', at: T, objects: [], cursors: [], statistics };
  await log.write(scopeOf(digit, dataset), content);
}

const organisationOfAcme = { unit: 'organisation', credential: 'acme' };
const unnamedProject = { unit: 'project', credential: null };
const nothing = { known: [], listings: [], config: { excludeProjects: [] } };

/** Finds subjects of events. Returns also the number of read records. */
async function found(recorded = new RecordedSubjects(), about = {}) {
  const read = vi.spyOn(CommitLog.prototype, 'readRecord');
  const warn = vi.fn();
  const tools = { records: log, log: { warn } };
  const unregistered = await recorded.unregistered(eventsDeclaration, { ...nothing, ...about }, tools);
  const records = read.mock.calls.length;
  read.mockRestore();
  const byId = unregistered.map(({ subject, credential }) => [subject.id[0], subject.kind, credential]);
  return { unregistered: byId.sort(), records, warnings: warn.mock.calls.length };
}

test('subjects with records that nothing else knows are found, with their credential', async () => {
  for (const digit of ['a', 'b', 'c', 'd']) await record(digit, unnamedProject);
  await record('e', organisationOfAcme);
  await record('f', unnamedProject, 'inventory');
  await record('0', unnamedProject);
  const subject = subjectOf('project', idOf('a'));
  const items = [{ id: idOf('b'), name: 'b', organisation: organisationOf('c') }];
  const about = {
    known: subject ? [{ subject, credential: null, absence: null }] : [],
    listings: [
      { credential: null, listed: wholeListing(items), isRefused: false },
      { credential: 'acme', listed: null, isRefused: true },
    ],
    config: { excludeProjects: [idOf('0')] },
  };
  expect(await found(new RecordedSubjects(), about)).toEqual({
    unregistered: [
      ['d', 'project', null],
      ['e', 'organisation', 'acme'],
    ],
    records: 2,
    warnings: 0,
  });
});

test('the newest record that says it decides, without abandoned batches and records of earlier versions', async () => {
  for (let count = 0; count < 30; count += 1) await record('a', unnamedProject);
  await record('a', organisationOfAcme);
  await record('a', null);
  batch += 1;
  await log.giveUp(scopeOf('a'), batch, []);
  expect(await found()).toEqual({ unregistered: [['a', 'organisation', 'acme']], records: 3, warnings: 0 });
});

test('records that do not say it are read once, and those that cannot be read at each tick, beside others', async () => {
  await record('a', unnamedProject);
  await record('b', null);
  await aws.lake.create(recordKey(scopeOf('c'), 1_700_000_000), Buffer.from('damaged'));
  const recorded = new RecordedSubjects();
  const unregistered = [
    ['a', 'project', null],
    ['b', 'project', undefined],
    ['c', 'project', undefined],
  ];
  expect(await found(recorded)).toEqual({ unregistered, records: 3, warnings: 1 });
  // Nothing is stored here, so `a` is read again as well.
  expect(await found(recorded)).toEqual({ unregistered, records: 2, warnings: 1 });
});

test('a tick reads the records of some subjects, and the next one those of others', async () => {
  const ids = Array.from({ length: 150 }, (_, number) => String(number).padStart(24, '0')).filter(
    isProjectId,
  );
  const content = { batch: 1_700_000_000, run: 'run', at: T, objects: [], cursors: [], statistics: null };
  for (const subject of ids) await log.write({ dataset: 'events', subject }, content);
  const recorded = new RecordedSubjects();
  expect(await found(recorded)).toMatchObject({ records: 100 });
  const second = await found(recorded);
  expect([second.records, second.unregistered.length]).toEqual([50, 150]);
});
