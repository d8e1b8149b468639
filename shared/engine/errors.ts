import {
  AtlasAuthenticationError,
  AtlasConfigurationError,
  AtlasDeadlineError,
  AtlasError,
  AtlasResponseError,
  AtlasThrottledError,
} from '../atlas/errors.ts';
import { isNotFound, isRejected, isRoleRefusal, refusalCode } from '../atlas/refusal.ts';
import type { DynamoDbLimitError } from '../cursors/dynamodb-limits.ts';

/** The whole run must stop: it is out of time, cannot list its sources, or Atlas refuses the credentials. */
export interface Stop {
  kind: 'stop';
  /** Null if the run's own time is over. */
  error: Error | null;
  /** When the rest of the work can continue. */
  resume: Resume;
}

/**
 * Atlas's rate limit allows no more requests of this kind. Atlas has a limit for each kind of data, so the run goes on with
 * what needs others.
 */
export interface Wait {
  kind: 'wait';
  error: AtlasThrottledError;
}

/** When work that a run leaves can continue: not before the next tick, at once, or at a clock time in ms. */
export type Resume =
  | { readonly kind: 'next-tick' }
  | { readonly kind: 'now' }
  | { readonly kind: 'at'; readonly time: number };

export const NEXT_TICK: Resume = { kind: 'next-tick' };
export const NOW: Resume = { kind: 'now' };

/**
 * A dataset cannot collect a target for a reason of its own. The target's watermark stays, the failure is
 * reported, and the other targets continue.
 */
export abstract class TargetError extends Error {}

/** DynamoDB would reject the state of a target. The message contains no names; the cause says where. */
export class UnstorableStateError extends TargetError {
  override readonly name = 'UnstorableStateError';
  constructor(cause: DynamoDbLimitError) {
    super(`what Atlas returned leads to a state that DynamoDB would reject: ${cause.limit}`, { cause });
  }
}

/** One target failed; the others continue. */
export interface Failure {
  kind: 'failure';
  error: AtlasError | TargetError;
  /** Whether Atlas does not know the target, or no request can name it. */
  notFound: boolean;
  /** The note instead of a failure, if Atlas refuses the target permanently; null if it is a failure. */
  note: string | null;
  /** Whether Atlas has nothing of this kind for the target, so that it is not behind. */
  lacking: boolean;
}

/** The credentials are at fault. A retry is useless until someone fixes them. */
export type Refusal = AtlasAuthenticationError | AtlasConfigurationError;

export function isRefusal(error: unknown): error is Refusal {
  return error instanceof AtlasAuthenticationError || error instanceof AtlasConfigurationError;
}

/**
 * Returns what an error means for the run. Rethrows errors of neither Atlas nor a target, so that nothing is
 * swallowed.
 */
export function classifyError(error: unknown): Stop | Wait | Failure {
  if (error instanceof TargetError) return failure(error);
  if (!(error instanceof AtlasError)) throw error;
  if (error instanceof AtlasThrottledError) return { kind: 'wait', error };
  // A request that used up the time with retries is itself a failure, not a lack of time.
  if (error instanceof AtlasDeadlineError && error.attempts <= 1) return { kind: 'stop', error, resume: NOW };
  if (isRefusal(error)) return { kind: 'stop', error, resume: NEXT_TICK };
  const unnameable = error instanceof AtlasResponseError && error.problem === 'name';
  return {
    ...failure(error),
    notFound: isNotFound(error) || unnameable,
    note: noteOf(error),
    lacking: isRejected(error),
  };
}

function failure(error: Failure['error']): Failure {
  return { kind: 'failure', error, notFound: false, note: null, lacking: false };
}

/** Returns the note for a permanent refusal. It contains no names, because notes reach the lake. */
function noteOf(error: AtlasError): string | null {
  const isRole = isRoleRefusal(error);
  if (!isRole && !isRejected(error)) return null;
  const why = isRole ? 'the role of the credential does not suffice' : 'a target has nothing of this kind';
  return `${error.operation}: ${why}: Atlas answered ${refusalCode(error)}`;
}

/**
 * Returns whether a request for optional data, such as a label, failed for a reason of its own. The run then
 * continues without it. Refused credentials and an expired deadline do not count, because they also stop the
 * requests that matter.
 */
export function isOptionalFailure(error: unknown): error is AtlasError {
  if (!(error instanceof AtlasError) || isRefusal(error)) return false;
  return !(error instanceof AtlasDeadlineError);
}
