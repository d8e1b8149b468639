import { AtlasApiError } from './errors.ts';

/**
 * Codes that say that a cluster, of its tier or its version, has nothing of this kind: INSUFFICIENT_INSTANCE_SIZE was
 * seen (400); the others are told by their words, since Atlas documents no list and has renamed its small tiers twice.
 */
const LACKING = /INSUFFICIENT_INSTANCE_SIZE|TENANT|SERVERLESS|FLEX|UNSUPPORTED|NOT_SUPPORTED|NOT_AVAILABLE/;

/** Statuses with which Atlas says no for good. 401 and 402 are about the credential and the bill, not the cluster. */
const REFUSALS = new Set([400, 403, 404, 405, 409, 410]);

/**
 * Codes with which Atlas says that it knows the client, and that its role does not suffice: USER_UNAUTHORIZED was seen
 * with 401 and with 403, NOT_ORG_GROUP_CREATOR is in the reference. A 401 for credentials that are wrong or have run out
 * has no code of its own.
 */
const ROLE = /^(USER_UNAUTHORIZED|NOT_[A-Z_]+|[A-Z_]*INSUFFICIENT_(ROLE|PERMISSION)S?[A-Z_]*)$/;

/** Statuses of an endpoint that is gone, not there yet, or not in the version that is asked for. */
const WITHDRAWN = new Set([404, 405, 406, 410, 501]);

/** Of a request that makes no sense to Atlas: that is this program's fault, and to be seen as one. */
const NONSENSE = /^(INVALID|VALIDATION|MISSING|MALFORMED)/;

/** Codes that refuse the address that the request came from: that is for people to mend, and holds for every request. */
const ADDRESS = /WHITELIST|ACCESS_LIST/;

/** The status of a refusal and Atlas's code for it, for people: nothing that may have names in it. */
export function refusalCode({ status, errorCode, reason }: AtlasApiError): string {
  return `${status} ${errorCode ?? reason}`;
}

/** Whether Atlas knows the client, and says that its role does not suffice. New credentials would not help. */
export function isRoleRefusal(error: AtlasApiError): boolean {
  return (error.status === 401 || error.status === 403) && ROLE.test(error.errorCode ?? '');
}

/**
 * Whether Atlas refuses a list for good: the role does not suffice, the endpoint was withdrawn, or the feature does not
 * exist here. That is no failure, and says nothing about the resources. For features there are more codes than anybody
 * lists: with 400 and 409, all count that do not find fault with the request itself.
 */
export function isRefused(error: unknown): error is AtlasApiError {
  if (!(error instanceof AtlasApiError) || ADDRESS.test(error.errorCode ?? '')) return false;
  const { status, errorCode } = error;
  const lacks = (status === 400 || status === 409) && errorCode !== null && !NONSENSE.test(errorCode);
  return isRoleRefusal(error) || WITHDRAWN.has(status) || status === 403 || lacks;
}

/**
 * Whether Atlas said that the one resource asked for does not exist, as 400 ATLAS_SEARCH_DEPLOYMENT_DOES_NOT_EXIST for a
 * cluster without search nodes. RESOURCE_NOT_FOUND does not say it: so it answers for endpoints that are no more, too.
 */
export function isAbsent(error: unknown): error is AtlasApiError {
  const code = error instanceof AtlasApiError ? error.errorCode : null;
  return code !== null && /_NOT_(FOUND|EXIST)$/.test(code) && code !== 'RESOURCE_NOT_FOUND';
}

/** Whether Atlas said that what was asked for does not exist for this kind of cluster: no trouble, and no data. */
export function isUnavailable(error: unknown): error is AtlasApiError {
  return error instanceof AtlasApiError && REFUSALS.has(error.status) && LACKING.test(error.errorCode ?? '');
}
