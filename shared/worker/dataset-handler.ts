import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { AtlasApiError } from '../atlas/errors.ts';
import { settingsFor } from '../config.ts';
import { type CredentialName, credentialField } from '../credential-name.ts';
import { NewerStateError } from '../cursors/versions.ts';
import { SECOND } from '../durations.ts';
import type { Dataset } from '../engine/dataset.ts';
import { isRefusal } from '../engine/errors.ts';
import { isRedundant } from '../engine/redundancy.ts';
import { LEASE_BEYOND_DEADLINE, runDataset } from '../engine/run.ts';
import type { FinishedRun, RunResult } from '../engine/run-result.ts';
import { tablesWrittenBy } from '../engine/tables.ts';
import { needsKey, Redactor } from '../lake/redaction.ts';
import { longestWait } from './limits.ts';
import { parseRunMessage, type RunMessage } from './message.ts';
import type { Runtime } from './runtime.ts';

/** The part of Lambda's context that a handler needs. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
}

export type DatasetHandler = (event: SQSEvent, invocation: Invocation) => Promise<SQSBatchResponse>;

/** Maximum continuations per tick. Remaining work waits for the next tick. */
const MAX_CONTINUATIONS = 20;

/**
 * How long a run waits for a lease. After a crash, the redelivered message arrives about when the dead run's
 * lease expires; the margin covers the cold start.
 */
const LEASE_PATIENCE = 5 * SECOND;

/**
 * Maximum deferral in seconds. No response of Atlas closes a bucket for longer, and it is shorter than the
 * retention of any queue. Several short deferrals would use up the message's deliveries and raise a false alarm.
 */
const MAX_DEFERRAL_SECONDS = 3_600;

/** Returns the function of a dataset, which starts one run for each message of its queue. */
export function datasetHandler(dataset: Dataset, runtime: () => Promise<Runtime>): DatasetHandler {
  return async (event, invocation) => {
    const tools = await runtime();
    for (const [index, record] of event.Records.entries()) {
      const done = await handleRecord(dataset, record, invocation, tools);
      // In a FIFO queue, no message may overtake a failed one.
      if (!done) return { batchItemFailures: failures(event.Records.slice(index)) };
    }
    return { batchItemFailures: [] };
  };
}

/** Handles one message. Returns false if the message must be delivered again. */
async function handleRecord(
  dataset: Dataset,
  record: SQSRecord,
  invocation: Invocation,
  tools: Runtime,
): Promise<boolean> {
  const { clock, log } = tools;
  try {
    const message = parseRunMessage(record.body);
    const { credential } = message;
    const wait = Math.ceil(((message.notBefore ?? 0) - tools.atlas.of(credential).now()) / SECOND);
    if (wait > 0) {
      await tools.queue(dataset.name).defer(record.receiptHandle, Math.min(wait, MAX_DEFERRAL_SECONDS));
      return false;
    }
    if (tools.skipRedundant && (await needsNoRun(dataset, message, tools))) {
      tools.onRedundant(dataset.name, message.subject);
      return true;
    }
    const result = await runWithLeaseRetry(
      dataset,
      message,
      clock.now() + invocation.getRemainingTimeInMillis(),
      tools,
    );
    if (result.outcome === 'held') {
      log.warn('another run holds the lease', { dataset: dataset.name, project: message.subject.id });
      return true;
    }
    tools.onFinished(result, credential);
    logFinished(result, credential, tools);
    await sendContinuation(message, result, tools);
    return true;
  } catch (error) {
    tools.onCrashed(dataset.name, error);
    // A retry is useless: only the later version can continue.
    if (error instanceof NewerStateError) return true;
    await retryAfterLease(dataset, record, invocation, tools);
    return false;
  }
}

/** Returns whether a later run has done the work of a message. */
async function needsNoRun(
  { name, everyMinutes }: Dataset,
  message: RunMessage,
  { cursors, clock }: Runtime,
): Promise<boolean> {
  const { subject, tick, continuation, unlistedSince = null } = message;
  const header = await cursors.readHeader({ dataset: name, subject: subject.id });
  return isRedundant({ tick, continuation, unlistedSince }, header, {
    now: clock.now(),
    longestWait: longestWait(everyMinutes),
  });
}

/**
 * Hides the message of a crashed run until the run's lease has expired. Without it, the message stays hidden
 * for the visibility timeout, which is much longer.
 */
async function retryAfterLease(
  { name }: Dataset,
  { receiptHandle }: SQSRecord,
  invocation: Invocation,
  tools: Runtime,
): Promise<void> {
  const lease = Math.max(invocation.getRemainingTimeInMillis(), 0) + LEASE_BEYOND_DEADLINE;
  try {
    await tools.queue(name).defer(receiptHandle, Math.ceil(lease / SECOND));
  } catch (error) {
    tools.log.warn('the message of the crashed run stays hidden for longer', { dataset: name, error });
  }
}

async function runWithLeaseRetry(
  dataset: Dataset,
  message: RunMessage,
  deadline: number,
  tools: Runtime,
): Promise<RunResult> {
  const { subject, tick, continuation, unlistedSince = null } = message;
  const request = { subject, credential: message.credential, tick, continuation, unlistedSince, deadline };
  const { redact, compression } = tools.config;
  const key = needsKey(redact, tablesWrittenBy(dataset)) ? await tools.redactionKey() : null;
  const context = {
    ...tools,
    atlas: tools.atlas.of(message.credential),
    dataset,
    settings: settingsFor(dataset, tools.config),
    clusters: tools.config.clusters ?? null,
    redactor: new Redactor(redact, key),
    compression,
  };
  const result = await runDataset(request, context);
  if (result.outcome !== 'held') return result;
  const wait = result.leaseUntil - context.atlas.now();
  if (wait > LEASE_PATIENCE) return result;
  await tools.clock.sleep(Math.max(wait, 0) + 1);
  return runDataset(request, context);
}

/** Sends a continuation for the remaining work. */
async function sendContinuation(message: RunMessage, result: FinishedRun, tools: Runtime): Promise<void> {
  const { resume } = result;
  if (resume.kind === 'next-tick') return;
  if (message.continuation >= MAX_CONTINUATIONS) {
    tools.log.warn('remaining work waits for the next tick', {
      dataset: result.dataset,
      project: result.subject.id,
    });
    return;
  }
  const { dataset, notBefore: _, ...rest } = message;
  const continuation = message.continuation + 1;
  // Use Atlas's time, because the clock of this container may be ahead. Another container would then wait too
  // long.
  const wait = resume.kind === 'at' ? resume.time - tools.clock.now() : 0;
  const later = wait > 0 && { notBefore: tools.atlas.of(message.credential).now() + wait };
  await tools.queue(dataset).sendContinuation({ ...rest, dataset, continuation, ...later }, result.sequence);
}

/**
 * Returns what the log says about a finished run, without names from Atlas. `continueAt` is a clock time, 0 for at once,
 * null for a later tick.
 */
export function finishedFields(result: FinishedRun) {
  const { failures, warnings: _, subject, resume, clusters, ...summary } = result;
  const continueAt = resume.kind === 'at' ? resume.time : resume.kind === 'now' ? 0 : null;
  return {
    ...summary,
    project: subject.id,
    continueAt,
    failedTargets: failures.length,
    deselectedClusters: clusters.deselected.length,
  };
}

function logFinished(result: FinishedRun, credential: CredentialName, { log }: Runtime): void {
  const named = credentialField(credential);
  const { failures: failed, warnings } = result;
  log.info('run finished', { ...finishedFields(result), ...named });
  for (const warning of warnings) log.warn(warning, { dataset: result.dataset, project: result.subject.id });
  for (const { target, error } of failed) {
    const { dataset, subject } = result;
    const project = subject.id;
    const reason = error instanceof AtlasApiError ? { status: error.status, code: error.errorCode } : {};
    if (isRefusal(error))
      log.error('the project cannot be collected', { dataset, project, ...named, reason: error.message });
    else log.warn('target failed', { dataset, project, error: error.name, ...reason });
    log.debug('target failed', { target, error });
  }
}

function failures(records: readonly SQSRecord[]): SQSBatchResponse['batchItemFailures'] {
  return records.map(({ messageId }) => ({ itemIdentifier: messageId }));
}
