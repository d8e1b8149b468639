import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LocalAws, startLocalAws } from '../../../cli/local-aws.ts';
import { findUnregistered } from '../../../functions/dispatch/unregistered.ts';
import { eventsDeclaration } from '../../../functions/events/declaration.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import type { Document } from '../../../shared/cursors/document.ts';
import { isOrganisationId, isProjectId, subjectOf } from '../../../shared/ids.ts';
import { CommitLog } from '../../../shared/lake/commit-log.ts';
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
    totals: {
      runs: 1,
      requests: 1,
      throttled: 0,
      rows: 0,
      objects: 0,
      bytes: 0,
      first_dt: null,
      last_dt: null,
    },
    ...{ reported_tick: null, gaps: 0, last_run: null, ...(collected !== null && { collected }) },
  };
  batch += 1;
  const content = { batch, run: 'run', at: T, objects: [], cursors: [], statistics };
  await log.write(scopeOf(digit, dataset), content);
}

const organisationOfAcme = { unit: 'organisation', credential: 'acme' };
const unnamedProject = { unit: 'project', credential: null };

test('subjects with records that neither the registry nor a list has are found, with their credential', async () => {
  for (const digit of ['a', 'b', 'c', 'd']) await record(digit, unnamedProject);
  await record('e', organisationOfAcme);
  await record('f', unnamedProject, 'inventory');
  const known = [{ subject: subjectOf('project', idOf('a')), credential: null, absence: null }];
  const items = [{ id: idOf('b'), name: 'b', organisation: organisationOf('c') }];
  const { unregistered, ofUnknownKind } = await findUnregistered(
    eventsDeclaration,
    {
      known: known.flatMap(({ subject, ...rest }) => (subject ? [{ subject, ...rest }] : [])),
      listings: [
        { credential: null, listed: wholeListing(items), isRefused: false },
        { credential: 'acme', listed: null, isRefused: true },
      ],
    },
    log,
  );
  expect(unregistered).toEqual(
    expect.arrayContaining([
      { subject: { kind: 'project', id: idOf('d') }, credential: null },
      { subject: { kind: 'organisation', id: idOf('e') }, credential: 'acme' },
    ]),
  );
  expect([unregistered.length, ofUnknownKind]).toEqual([2, []]);
});

test('abandoned batches and records of earlier versions are skipped until one says what it collected', async () => {
  await record('a', null);
  batch += 1;
  await log.giveUp(scopeOf('a'), batch, []);
  await record('a', organisationOfAcme);
  await record('b', null);
  const nothing = { known: [], listings: [] };
  expect(await findUnregistered(eventsDeclaration, nothing, log)).toEqual({
    unregistered: [{ subject: { kind: 'organisation', id: idOf('a') }, credential: 'acme' }],
    ofUnknownKind: [idOf('b')],
  });
});

test('a dataset that collects only projects needs no record that says so', async () => {
  await record('a', null);
  const declaration = { ...eventsDeclaration, subjects: ['project' as const] };
  expect(await findUnregistered(declaration, { known: [], listings: [] }, log)).toEqual({
    unregistered: [{ subject: { kind: 'project', id: idOf('a') }, credential: undefined }],
    ofUnknownKind: [],
  });
});
