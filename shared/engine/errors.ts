import {
  AtlasAuthenticationError,
  AtlasConfigurationError,
  AtlasDeadlineError,
  AtlasError,
  AtlasResponseError,
  AtlasThrottledError,
} from '../atlas/errors.ts';
import { isNotFound, isRejected, isRoleRefusal, refusalCode } from '../atlas/refusal.ts';

/** The whole run cannot go on: there is no time, no request left, or Atlas refuses the credentials. */
export interface Stop {
  kind: 'stop';
  /** Null when the run's own time is over. */
  error: Error | null;
  /** From when on it makes sense to go on with the rest, clock time; null: not before the next tick. */
  continueAt: number | null;
}

/** A dataset cannot collect a target for a reason of its own: its watermark stays, it is reported, the others go on. */
export abstract class TargetError extends Error {}

/** One target failed; the others go on. */
export interface Failure {
  kind: 'failure';
  error: AtlasError | TargetError;
  /** Atlas does not know the target, or no request can name it. */
  notFound: boolean;
  /** What is noted in place of a failure, where Atlas refuses the target for good; null where it is a failure. */
  note: string | null;
  /** Atlas has nothing of this kind for the target, so that it is not behind. */
  lacking: boolean;
}

/** Whether the credentials are at fault: nothing comes of asking again before somebody has mended them. */
export function isRefusal(error: unknown): error is AtlasAuthenticationError | AtlasConfigurationError {
  return error instanceof AtlasAuthenticationError || error instanceof AtlasConfigurationError;
}

/** What an error means for the run. Errors of neither Atlas nor a target are thrown again: nothing is swallowed. */
export function classifyError(error: unknown): Stop | Failure {
  if (error instanceof TargetError) return failure(error);
  if (!(error instanceof AtlasError)) throw error;
  if (error instanceof AtlasThrottledError) return { kind: 'stop', error, continueAt: error.retryAt };
  // Time ran out while it was tried again and again: that is its own failure, not a lack of time.
  if (error instanceof AtlasDeadlineError && error.attempts <= 1)
    return { kind: 'stop', error, continueAt: 0 };
  if (isRefusal(error)) return { kind: 'stop', error, continueAt: null };
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

/** Holds no names: notes reach the lake. */
function noteOf(error: AtlasError): string | null {
  const isRole = isRoleRefusal(error);
  if (!isRole && !isRejected(error)) return null;
  const why = isRole ? 'the role of the credential does not suffice' : 'a target has nothing of this kind';
  return `${error.operation}: ${why}: Atlas answered ${refusalCode(error)}`;
}

/**
 * Whether a request for what only makes rows better, a label for instance, failed for a reason of its own: the run goes on
 * without it. Where the credentials are refused or time has run out, the requests that matter meet the same.
 */
export function isOptionalFailure(error: unknown): error is AtlasError {
  if (!(error instanceof AtlasError) || isRefusal(error)) return false;
  return !(error instanceof AtlasDeadlineError);
}
