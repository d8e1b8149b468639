import { FailedCredential, noneWorks } from '../../functions/dispatch/list-projects.ts';
import type { AtlasClients } from '../../shared/atlas/clients.ts';
import type { Clock } from '../../shared/clock.ts';
import { type CollectorConfig, settingsFor, wants } from '../../shared/config.ts';
import { type CredentialName, inOrderOfPreference } from '../../shared/credential-name.ts';
import type { KnownSubject } from '../../shared/cursors/subject-registry.ts';
import { MINUTE } from '../../shared/durations.ts';
import { type BackfillResult, backfillSubject } from '../../shared/engine/backfill/backfill.ts';
import { ConfigurationMismatchError } from '../../shared/engine/backfill/backfill-run.ts';
import { noFindings } from '../../shared/engine/backfill/findings.ts';
import type { Period } from '../../shared/engine/backfill/rereading.ts';
import type { Wait } from '../../shared/engine/backfill/turns.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { isRefusal, type Refusal } from '../../shared/engine/errors.ts';
import type { RunProgress, TargetFailure } from '../../shared/engine/run-result.ts';
import type { ProjectId, Subject } from '../../shared/ids.ts';
import { UnreadableObjectError } from '../../shared/lake/known-rows.ts';
import { Redactor } from '../../shared/lake/redaction.ts';
import { UsageFailure } from '../failure.ts';
import { nameOfCredential } from '../words.ts';
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
 * Backfills a dataset of all subjects that were collected, one after the other. A credential that cannot be used fails only
 * its own subjects.
 *
 * @throws {UsageFailure} before anything is read, if nothing can be
 * @throws the error of the only credential, or NoCredentialWorksError, if none works
 */
export async function backfillLake(request: LakeBackfill): Promise<BackfillResult[]> {
  const { dataset, period, isDryRun, config, redactionKey, store, atlas, clock } = request;
  const known = await subjectsOf(request);
  const settings = settingsFor(dataset, config);
  const { now, unusable } = await tryCredentials(request, known);
  checkPeriod(period, {
    now,
    retention: dataset.withCollector(
      settings,
      known[0].subject,
      ({ rereading }) => rereading?.retention ?? null,
    ),
    expiresAfterDays: await store.expiresAfterDays(`${dataset.tables[0].name}/`),
  });
  const results: BackfillResult[] = [];
  for (const [index, { subject, credential }] of known.entries()) {
    const context = {
      ...{ dataset, settings, clock },
      atlas: atlas.of(credential),
      cursors: store.cursors,
      lake: store.lake,
      breakLease: store.breakLease,
      redactor: new Redactor(config.redact, redactionKey),
      compression: config.compression,
      newId: request.newId,
      onProgress: request.onProgress,
      onDay: (day: string, share: number) => request.onDay(day, (index + share) / known.length),
      onWait: request.onWait,
      signal: request.signal,
    };
    try {
      const error = unusable.get(credential);
      if (error) throw error;
      results.push(await backfilled({ subject, period, isDryRun }, context));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      unusable.set(credential, error);
      results.push(failedResult(subject, { target: nameOfCredential(credential), error }));
    }
  }
  return results;
}

type Subjects = readonly [KnownSubject, ...KnownSubject[]];

/** Learns Atlas's time with each credential until one works. Returns those that did not. */
async function tryCredentials({ atlas, clock }: LakeBackfill, known: Subjects) {
  const unusable = new Map<CredentialName, Refusal>();
  for (const credential of inOrderOfPreference(known.map((one) => one.credential))) {
    const session = atlas.of(credential).session({ deadline: clock.now() + TIME_PATIENCE });
    const error = await session.learnTime();
    if (error === null) return { now: session.now(), unusable };
    if (!isRefusal(error)) throw error;
    unusable.set(credential, error);
  }
  throw noneWorks([...unusable].map(([credential, error]) => new FailedCredential(credential, error)));
}

function failedResult(subject: Subject, failure: TargetFailure): BackfillResult {
  return { subject, findings: noFindings(), requests: 0, failures: [failure], replacedObjects: 0 };
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

/**
 * Returns the subjects to read, at least one, with the credentials that list them. What is excluded was perhaps removed from
 * the lake, and Atlas still has it.
 *
 * @throws {UsageFailure}
 */
async function subjectsOf({ dataset, only, config, store }: LakeBackfill): Promise<Subjects> {
  const known = await store.subjects.read(dataset.name);
  const unknown = only.find((id) => !known.some(({ subject }) => subject.id === id));
  if (unknown !== undefined || known.length === 0) {
    const whose = unknown === undefined ? '' : ` of ${unknown}`;
    throw new UsageFailure(`${dataset.name}${whose} was never collected into this lake: run collect first`);
  }
  const excluded = only.find((id) =>
    known.some(({ subject }) => subject.id === id && !wants(config, subject)),
  );
  const chosen = known.filter(
    ({ subject }) => wants(config, subject) && (only.length === 0 || only.some((one) => one === subject.id)),
  );
  const [first, ...others] = chosen;
  if (excluded === undefined && first) return [first, ...others];
  throw new UsageFailure(
    `the configuration excludes ${excluded ?? `everything of ${dataset.name}`}: change projects or excludeProjects first`,
  );
}
