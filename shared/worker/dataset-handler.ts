import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { AtlasApiError } from '../atlas/errors.ts';
import { settingsFor } from '../config.ts';
import { NewerStateError } from '../cursors/versions.ts';
import { SECOND } from '../durations.ts';
import type { DeclaredDataset } from '../engine/declaration.ts';
import { isRefusal } from '../engine/errors.ts';
import { runDataset } from '../engine/run.ts';
import type { FinishedRun, RunResult } from '../engine/run-result.ts';
import { tablesWrittenBy } from '../engine/tables.ts';
import { needsKey, Redactor } from '../lake/redaction.ts';
import { parseRunMessage, type RunMessage } from './message.ts';
import type { Runtime } from './runtime.ts';

/** Of Lambda's context, what a handler needs. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
}

export type DatasetHandler = (event: SQSEvent, invocation: Invocation) => Promise<SQSBatchResponse>;

/** A tick is run again so often at most; what is left then waits for the next tick. */
const MOST_CONTINUATIONS = 20;

/**
 * A message that is delivered again after a crash arrives when the dead run's lease runs out, give or take the
 * start of a function: so long it is waited for.
 */
const LEASE_PATIENCE = 5 * SECOND;

/**
 * Seconds. No answer of Atlas closes a bucket for longer, and no message stays in its queue for longer. To hide it
 * piece by piece would use its three deliveries up, and raise an alarm about nothing.
 */
const LONGEST_DEFERRAL = 3_600;

/** The function of a dataset: one run for each message of its queue. */
export function datasetHandler(dataset: DeclaredDataset, runtime: () => Promise<Runtime>): DatasetHandler {
  return async (event, invocation) => {
    const tools = await runtime();
    for (const [index, record] of event.Records.entries()) {
      const done = await handleRecord(dataset, record, invocation, tools);
      // In a FIFO queue nothing may overtake what failed.
      if (!done) return { batchItemFailures: failures(event.Records.slice(index)) };
    }
    return { batchItemFailures: [] };
  };
}

/** False when the message must be delivered again. */
async function handleRecord(
  dataset: DeclaredDataset,
  record: SQSRecord,
  invocation: Invocation,
  tools: Runtime,
): Promise<boolean> {
  const { clock, log } = tools;
  try {
    const message = parseRunMessage(record.body);
    const wait = Math.ceil(((message.notBefore ?? 0) - tools.atlas.now()) / SECOND);
    if (wait > 0) {
      await tools.queue(dataset.name).defer(record.receiptHandle, Math.min(wait, LONGEST_DEFERRAL));
      return false;
    }
    const result = await takeTurn(
      dataset,
      message,
      clock.now() + invocation.getRemainingTimeInMillis(),
      tools,
    );
    if (result.outcome === 'held') {
      log.warn('another run holds the lease', { dataset: dataset.name, project: message.project });
      return true;
    }
    tools.onFinished(result);
    logFinished(result, tools);
    await goOn(message, result, tools);
    return true;
  } catch (error) {
    tools.onCrashed(dataset.name, error);
    // Nothing comes of trying that again: only the later version can go on.
    return error instanceof NewerStateError;
  }
}

async function takeTurn(
  dataset: DeclaredDataset,
  message: RunMessage,
  deadline: number,
  tools: Runtime,
): Promise<RunResult> {
  const { unit, project, tick, continuation, unlistedSince = null } = message;
  const request = { unit, project, tick, continuation, unlistedSince, deadline };
  const { redact } = tools.config;
  const key = needsKey(redact, tablesWrittenBy(dataset)) ? await tools.redactionKey() : null;
  const context = {
    ...tools,
    dataset,
    settings: settingsFor(dataset, tools.config),
    redactor: new Redactor(redact, key),
  };
  const result = await runDataset(request, context);
  if (result.outcome !== 'held') return result;
  const wait = result.leaseUntil - tools.atlas.now();
  if (wait > LEASE_PATIENCE) return result;
  await tools.clock.sleep(Math.max(wait, 0) + 1);
  return runDataset(request, context);
}

/** Sends the continuation for the work that is left. */
async function goOn(message: RunMessage, result: FinishedRun, tools: Runtime): Promise<void> {
  if (result.continueAt === null) return;
  if (message.continuation >= MOST_CONTINUATIONS) {
    tools.log.warn('work is left for the next tick', { dataset: result.dataset, project: result.project });
    return;
  }
  const { dataset, notBefore: _, ...rest } = message;
  const continuation = message.continuation + 1;
  // By Atlas's time where ours is ahead: another container would wait for as long as that.
  const wait = result.continueAt - tools.clock.now();
  const later = wait > 0 && { notBefore: tools.atlas.now() + wait };
  await tools.queue(dataset).sendContinuation({ ...rest, dataset, continuation, ...later }, result.sequence);
}

function logFinished(result: FinishedRun, { log }: Runtime): void {
  const { failures: failed, warnings, ...summary } = result;
  log.info('run finished', { ...summary, failedTargets: failed.length });
  for (const warning of warnings) log.warn(warning, { dataset: result.dataset, project: result.project });
  for (const { target, error } of failed) {
    const { dataset, project } = result;
    const reason = error instanceof AtlasApiError ? { status: error.status, code: error.errorCode } : {};
    if (isRefusal(error))
      log.error('the project cannot be collected', { dataset, project, reason: error.message });
    else log.warn('target failed', { dataset, project, error: error.name, ...reason });
    log.debug('target failed', { target, error });
  }
}

function failures(records: readonly SQSRecord[]): SQSBatchResponse['batchItemFailures'] {
  return records.map(({ messageId }) => ({ itemIdentifier: messageId }));
}
