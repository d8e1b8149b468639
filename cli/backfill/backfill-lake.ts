import type { AtlasClients } from '../../shared/atlas/clients.ts';
import type { Clock } from '../../shared/clock.ts';
import { type CollectorConfig, settingsFor } from '../../shared/config.ts';
import type { KnownSubject } from '../../shared/cursors/subject-registry.ts';
import { MINUTE } from '../../shared/durations.ts';
import { type BackfillResult, backfillSubject } from '../../shared/engine/backfill/backfill.ts';
import { ConfigurationMismatchError } from '../../shared/engine/backfill/backfill-run.ts';
import type { Period } from '../../shared/engine/backfill/rereading.ts';
import type { Wait } from '../../shared/engine/backfill/turns.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import type { RunProgress } from '../../shared/engine/run-result.ts';
import type { ProjectId } from '../../shared/ids.ts';
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
  atlas: AtlasClients;
  clock: Clock;
  /** Returns a new id for a run. */
  newId(): string;
  onProgress(progress: RunProgress): void;
  /** Called when a day of a subject begins. @param share the share of all days that is done */
  onDay(day: string, share: number): void;
  onWait(why: Wait, until: number): void;
  /** Stops the backfill: what was read is committed. */
  signal: AbortSignal;
}

/** Maximum wait for Atlas's time, ms. */
const TIME_PATIENCE = MINUTE;

/**
 * Backfills a dataset of all subjects that were collected, one after the other.
 * @throws {UsageFailure} before anything is read, if nothing can be
 */
export async function backfillLake(request: LakeBackfill): Promise<BackfillResult[]> {
  const { dataset, period, isDryRun, config, redactionKey, store, atlas, clock } = request;
  const known = await subjectsOf(request);
  const settings = settingsFor(dataset, config);
  const [first] = known;
  const session = atlas.of(first.credential).session({ deadline: clock.now() + TIME_PATIENCE });
  const unreachable = await session.learnTime();
  if (unreachable) throw unreachable;
  checkPeriod(period, {
    now: session.now(),
    retention: dataset.withCollector(
      settings,
      first.subject,
      ({ rereading }) => rereading?.retention ?? null,
    ),
    expiresAfterDays: await store.expiresAfterDays(`${dataset.tables[0].name}/`),
  });
  const results: BackfillResult[] = [];
  for (const [index, { subject, credential }] of known.entries()) {
    const result = await backfilled(
      { subject, period, isDryRun },
      {
        ...{ dataset, settings, clock },
        atlas: atlas.of(credential),
        cursors: store.cursors,
        lake: store.lake,
        breakLease: store.breakLease,
        redactor: new Redactor(config.redact, redactionKey),
        compression: config.compression,
        newId: request.newId,
        onProgress: request.onProgress,
        onDay: (day, share) => request.onDay(day, (index + share) / known.length),
        onWait: request.onWait,
        signal: request.signal,
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

/** Returns the subjects to read, at least one, with the credentials that list them. @throws {UsageFailure} */
async function subjectsOf({
  dataset,
  only,
  store,
}: LakeBackfill): Promise<[KnownSubject, ...KnownSubject[]]> {
  const known = await store.subjects.read(dataset.name);
  const unknown = only.find((id) => !known.some(({ subject }) => subject.id === id));
  const chosen = known.filter(({ subject }) => only.length === 0 || only.some((one) => one === subject.id));
  const [first, ...others] = unknown === undefined ? chosen : [];
  if (first) return [first, ...others];
  const whose = unknown === undefined ? '' : ` of ${unknown}`;
  throw new UsageFailure(`${dataset.name}${whose} was never collected into this lake: run collect first`);
}
