import { expect, test } from 'vitest';
import { listProjects } from '../../../functions/dispatch/list-projects.ts';
import type { AtlasSession } from '../../../shared/atlas/api.ts';
import { AtlasApiError, AtlasConfigurationError, AtlasDeadlineError } from '../../../shared/atlas/errors.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { parseConfig } from '../../../shared/config.ts';
import type { CredentialName } from '../../../shared/credential-name.ts';
import { MINUTE } from '../../../shared/durations.ts';
import type { DispatchRuntime } from '../../../shared/worker/runtime.ts';
import { QUIET } from '../../support/quiet-log.ts';
import { T } from '../../support/times.ts';

type Lists = Record<string, () => ReturnType<AtlasSession['listProjects']>>;

/** Lists the projects of named credentials. Returns the result, and what was reported. */
function listing(lists: Lists | Error, credentials: string[] = [], time = 10 * MINUTE) {
  const refused: CredentialName[] = [];
  const deadlines = new Map<CredentialName, number>();
  const tools: Pick<DispatchRuntime, 'atlas' | 'clock' | 'config' | 'log' | 'onRefused'> = {
    atlas: {
      async names() {
        if (lists instanceof Error) throw lists;
        return Object.keys(lists);
      },
      of: (name) => ({
        session({ deadline }) {
          deadlines.set(name, deadline);
          const answer = lists instanceof Error ? undefined : lists[name ?? ''];
          if (!answer) throw new Error(`no list of ${name}`);
          const session: Pick<AtlasSession, 'listProjects'> = { listProjects: answer };
          return session as AtlasSession;
        },
        now: () => T,
        close: async () => {},
      }),
      close: async () => {},
    },
    clock: { now: () => T, sleep: async () => {} },
    config: parseConfig({ credentials }, []),
    log: QUIET,
    onRefused: (_, name) => refused.push(name),
  };
  const result = listProjects('alerts', T + time, tools as DispatchRuntime);
  return { result, refused, deadlines };
}

const unusable = new AtlasConfigurationError('the secret is empty', {
  operation: 'readCredentials',
  attempts: 0,
});

test('a secret that cannot be used at all is a refusal of each expected credential', async () => {
  const { result, refused } = listing(unusable, ['acme', 'globex']);
  await expect(result).rejects.toThrow('the secret is empty');
  expect(refused).toEqual([null, 'acme', 'globex']);
});

test('each of several credentials has a minute, and the only one has the whole time', async () => {
  const empty = async () => wholeListing([]);
  const several = listing({ acme: empty, globex: empty });
  await several.result;
  expect([...several.deadlines]).toEqual([
    ['acme', T + MINUTE],
    ['globex', T + MINUTE],
  ]);
  const only = listing({ acme: empty });
  await only.result;
  expect([...only.deadlines]).toEqual([['acme', T + 10 * MINUTE]]);
});

test('each of several credentials has no more time than there is', async () => {
  const empty = async () => wholeListing([]);
  const { result, deadlines } = listing({ acme: empty, globex: empty }, [], 5_000);
  await result;
  expect(new Set(deadlines.values())).toEqual(new Set([T + 5_000]));
});

test('a failure is logged and returned without the words of Atlas, which may contain names', async () => {
  const context = { operation: 'listProjects', attempts: 1 };
  const report = {
    status: 503,
    errorCode: null,
    reason: 'Service Unavailable',
    detail: 'of project payroll',
  };
  const { result } = listing({
    acme: async () => wholeListing([]),
    busy: () => Promise.reject(new AtlasApiError(report, context)),
    initech: () => Promise.reject(unusable),
    slow: () => Promise.reject(new AtlasDeadlineError('the deadline passed', context)),
  });
  const { failed } = await result;
  expect(JSON.parse(JSON.stringify(failed))).toEqual([
    { credential: 'busy', reason: 'AtlasApiError: 503 Service Unavailable' },
    { credential: 'initech', reason: unusable.message },
    { credential: 'slow', reason: 'AtlasDeadlineError' },
  ]);
});
