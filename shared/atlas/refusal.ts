import { AtlasApiError } from './errors.ts';

/**
 * Codes that say that a cluster, of its tier or its version, has nothing of this kind: INSUFFICIENT_INSTANCE_SIZE was
 * seen (400); the others are told by their words, since Atlas documents no list and has renamed its small tiers twice.
 */
const LACKING = /INSUFFICIENT_INSTANCE_SIZE|TENANT|SERVERLESS|FLEX|UNSUPPORTED|NOT_SUPPORTED|NOT_AVAILABLE/;

/** Statuses with which Atlas says no for good. 401 and 402 are about the credential and the bill, not the cluster. */
const REFUSALS = new Set([400, 403, 404, 405, 409, 410]);

/** Whether Atlas said that what was asked for does not exist for this kind of cluster: no trouble, and no data. */
export function isUnavailable(error: unknown): error is AtlasApiError {
  return error instanceof AtlasApiError && REFUSALS.has(error.status) && LACKING.test(error.errorCode ?? '');
}
