import { expect, test } from 'vitest';
import type { AtlasSession } from '../../../shared/atlas/api.ts';
import { AtlasThrottledError } from '../../../shared/atlas/errors.ts';
import type { BatchWriter } from '../../../shared/engine/batch-writer.ts';
import type { TargetState } from '../../../shared/engine/dataset.ts';
import type { Resume } from '../../../shared/engine/errors.ts';
import { TargetLoop } from '../../../shared/engine/target-loop.ts';
import { isProjectId } from '../../../shared/ids.ts';
import { targetOf } from '../../support/target.ts';
import { T } from '../../support/times.ts';

const RETRY_AT = T + 60_000;
const error = new AtlasThrottledError('monitoring', RETRY_AT, { operation: 'listDatabases', attempts: 1 });

/** Returns when a run continues whose time was over before its first step. */
async function resumeWithoutTime(lists: { isThrottled: boolean; isPostponed: boolean }): Promise<Resume> {
  const id = '6a793f53c0eb9e7a177137c2';
  if (!isProjectId(id)) throw new Error('not a project id');
  const loop = new TargetLoop<TargetState>({
    dataset: 'database_measurements',
    subject: { kind: 'project', id },
    collector: { nextStep: () => () => Promise.reject(new Error('there is no time for a step')) },
    atlas: { traffic: { requests: 0, throttled: 0 } } as AtlasSession,
    batch: {} as BatchWriter<TargetState>,
    clock: { now: () => T, sleep: () => Promise.resolve() },
    time: { tick: T, now: T },
    deadline: T,
    isVanished: false,
    isContinuation: false,
    onProgress: () => {},
  });
  const { resume } = await loop.collect({
    targets: [targetOf({ watermark: T })],
    changed: new Map(),
    failures: [],
    listings: 0,
    unread: 1,
    stop: null,
    wait: lists.isThrottled ? { kind: 'wait', error } : null,
    clusters: { selected: [], deselected: [] },
    isPostponed: lists.isPostponed,
  });
  return resume;
}

test('a run without progress continues with the next tick', async () => {
  expect(await resumeWithoutTime({ isThrottled: false, isPostponed: false })).toEqual({ kind: 'next-tick' });
});

test('a run without progress continues when the rate limit allows its lists', async () => {
  expect(await resumeWithoutTime({ isThrottled: true, isPostponed: false })).toEqual({
    kind: 'at',
    time: RETRY_AT,
  });
});

test('a run without progress that postponed its lists continues at once, because the next run lists first', async () => {
  expect(await resumeWithoutTime({ isThrottled: false, isPostponed: true })).toEqual({ kind: 'now' });
});
