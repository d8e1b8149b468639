import { randomUUID } from 'node:crypto';
import type { AtlasClient } from '../../shared/atlas/api.ts';
import type { Clock } from '../../shared/clock.ts';
import { type CollectorConfig, settingsFor } from '../../shared/config.ts';
import { MINUTE } from '../../shared/durations.ts';
import { type BackfillResult, backfillSubject } from '../../shared/engine/backfill/backfill.ts';
import { ConfigurationMismatchError } from '../../shared/engine/backfill/backfill-run.ts';
import type { Period } from '../../shared/engine/backfill/rereading.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import type { RunProgress } from '../../shared/engine/run-result.ts';
import type { ProjectId, Subject } from '../../shared/ids.ts';
import { UnreadableObjectError } from '../../shared/lake/known-rows.ts';
import { Redactor } from '../../shared/lake/redaction.ts';
import { UsageFailure } from '../failure.ts';
import type { LakeStore } from './lake-store.ts';
import { checkPeriod } from './period.ts';

/** What is backfilled, and with what. */
export interface LakeBackfill {
  dataset: Dataset;
  period: Period;
  /** The projects or organisations to read; empty for all that were collected. */
  only: readonly ProjectId[];
  isDryRun: boolean;
  config: CollectorConfig;
  redactionKey: string | null;
  store: LakeStore;
  atlas: AtlasClient;
  clock: Clock;
  onProgress(progress: RunProgress): void;
  /** Called when a day of a subject begins. @param share the share of all days that is done */
  onDay(day: string, share: number): void;
  onWait(why: 'lease' | 'rate limit', until: number): void;
}

/** Maximum wait for Atlas's time, ms. */
const TIME_PATIENCE = MINUTE;

/**
 * Backfills a dataset of all subjects that were collected, one after the other.
 * @throws {UsageFailure} before anything is read, if nothing can be
 */
export async function backfillLake(request: LakeBackfill): Promise<BackfillResult[]> {
  const { dataset, period, isDryRun, config, redactionKey, store, atlas, clock } = request;
  const subjects = await subjectsOf(request);
  const settings = settingsFor(dataset, config);
  const session = atlas.session({ deadline: clock.now() + TIME_PATIENCE });
  const unreachable = await session.learnTime();
  if (unreachable) throw unreachable;
  const [first] = subjects;
  checkPeriod(period, {
    now: session.now(),
    retention: first
      ? dataset.withCollector(settings, first, ({ rereading }) => rereading?.retention ?? null)
      : null,
    expiresAfterDays: await store.expiresAfterDays(dataset.tables[0].name),
  });
  const results: BackfillResult[] = [];
  for (const [index, subject] of subjects.entries()) {
    const result = await backfilled(
      { subject, period, isDryRun },
      {
        ...{ dataset, settings, atlas, clock },
        cursors: store.cursors,
        lake: store.lake,
        breakLease: store.breakLease,
        redactor: new Redactor(config.redact, redactionKey),
        compression: config.compression,
        newId: randomUUID,
        onProgress: request.onProgress,
        onDay: (day, share) => request.onDay(day, (index + share) / subjects.length),
        onWait: request.onWait,
      },
    );
    results.push(result);
  }
  return results;
}

/** @throws {UsageFailure} if someone must change something first */
async function backfilled(...work: Parameters<typeof backfillSubject>): Promise<BackfillResult> {
  try {
    return await backfillSubject(...work);
  } catch (error) {
    if (error instanceof ConfigurationMismatchError)
      throw new UsageFailure(`${error.message}: use the configuration of the collector (--config FILE)`);
    if (error instanceof UnreadableObjectError) throw new UsageFailure(error.message);
    throw error;
  }
}

async function subjectsOf({ dataset, only, store }: LakeBackfill): Promise<Subject[]> {
  const known = (await store.subjects.read(dataset.name)).map(({ subject }) => subject);
  const unknown = only.find((id) => !known.some((subject) => subject.id === id));
  if (unknown !== undefined || known.length === 0) {
    const whose = unknown === undefined ? '' : ` of ${unknown}`;
    throw new UsageFailure(`${dataset.name}${whose} was never collected into this lake: run collect first`);
  }
  return known.filter(({ id }) => only.length === 0 || only.some((one) => one === id));
}
