import { AtlasApiError } from './errors.ts';

/**
 * What Atlas's own error codes mean. An answer without such a code may come from anything on the way, a gateway or a
 * proxy: it says nothing about projects, roles or resources, and is a failure that is tried again.
 */

/**
 * Codes that say that a cluster, of its tier or its version, has nothing of this kind: INSUFFICIENT_INSTANCE_SIZE was
 * seen (400); the others are told by their words, since Atlas documents no list and has renamed its small tiers twice.
 */
const LACKING = /INSUFFICIENT_INSTANCE_SIZE|TENANT|SERVERLESS|FLEX|UNSUPPORTED|NOT_SUPPORTED|NOT_AVAILABLE/;

/** Statuses with which Atlas refuses a list or an endpoint as a whole, whatever the code. */
const WITHDRAWN = new Set([403, 404, 405, 410, 501]);

/** Statuses with which Atlas says no for good. 401 and 402 are about the credential and the bill, not the cluster. */
const REFUSALS = new Set([400, 409, ...WITHDRAWN]);

/**
 * Codes with which Atlas says that it knows the client, and that its role does not suffice: USER_UNAUTHORIZED was seen
 * with 401 and with 403, NOT_ORG_GROUP_CREATOR is in the reference. A 401 for credentials that are wrong or have run out
 * has no code of its own.
 */
const ROLE = /^(USER_UNAUTHORIZED|NOT_[A-Z_]+)$|INSUFFICIENT_(ROLE|PERMISSION)/;

/** Of a request that makes no sense to Atlas: that is this program's fault, and to be seen as one. */
const NONSENSE = /^(INVALID|VALIDATION|MISSING|MALFORMED|MUTUALLY_EXCLUSIVE)/;

/** Codes that refuse the address that the request came from: people must change that, and it holds for every request. */
const ADDRESS = /WHITELIST|ACCESS_LIST/;

/** Codes for the version in the Accept header. VERSION_GONE was seen, with 410; the other comes with 406. */
const VERSION = new Set(['VERSION_GONE', 'INVALID_VERSION_DATE']);

/** The code of an error that has no code of its own: it says that Atlas answered, and no more. */
const NO_CODE = 'UNEXPECTED_ERROR';

/** Whether Atlas's API answered. The codes of OAuth are in small letters, and not from the API. */
export function isFromAtlas(error: unknown): error is AtlasApiError {
  return error instanceof AtlasApiError && /^[A-Z]/.test(error.errorCode ?? '');
}

/** Returns the code with which Atlas says what it means; null where it does not say, or did not answer. */
function codeOf(error: unknown): string | null {
  return isFromAtlas(error) && error.errorCode !== NO_CODE ? error.errorCode : null;
}

/** The status of a refusal and Atlas's code for it, for people: nothing that may have names in it. */
export function refusalCode({ status, errorCode, reason }: AtlasApiError): string {
  return `${status} ${errorCode ?? reason}`;
}

/** Whether Atlas refuses the version that was asked for: the fault of this program. */
export function isVersionRefusal(error: unknown): error is AtlasApiError {
  return VERSION.has(codeOf(error) ?? '');
}

/** Whether Atlas knows the client, and says that its role does not suffice. New credentials would not help. */
export function isRoleRefusal(error: unknown): error is AtlasApiError {
  if (!(error instanceof AtlasApiError)) return false;
  const code = codeOf(error) ?? '';
  return (error.status === 401 || error.status === 403) && ROLE.test(code) && !ADDRESS.test(code);
}

/**
 * Whether Atlas refuses a list for good: the role does not suffice, the endpoint was withdrawn, or the feature does not
 * exist here. That is no failure, and says nothing about the resources. For features there are more codes than anybody
 * lists: with 400 and 409, all count that do not find fault with the request itself.
 */
export function isRefused(error: unknown): error is AtlasApiError {
  if (!isFromAtlas(error)) return false;
  const code = codeOf(error);
  if (code !== null && (ADDRESS.test(code) || VERSION.has(code))) return false;
  const lacks = REFUSALS.has(error.status) && code !== null && !NONSENSE.test(code);
  return WITHDRAWN.has(error.status) || lacks || isRoleRefusal(error);
}

/**
 * Whether Atlas refuses to give something of a single target, without finding fault with the request itself: types of
 * processes differ in what is measured of them.
 */
export function isRejected(error: unknown): error is AtlasApiError {
  if (!isFromAtlas(error)) return false;
  const code = codeOf(error);
  if (code === null) return false;
  return (error.status === 400 || error.status === 409) && !NONSENSE.test(code) && !VERSION.has(code);
}

/** Whether Atlas says that what was asked for is not there. A 404 of another server says nothing. */
export function isNotFound(error: unknown): error is AtlasApiError {
  return error instanceof AtlasApiError && error.status === 404 && codeOf(error) !== null;
}

/**
 * Whether Atlas said that the one resource asked for does not exist, as 400 ATLAS_SEARCH_DEPLOYMENT_DOES_NOT_EXIST for a
 * cluster without search nodes. RESOURCE_NOT_FOUND does not say it: so it answers for endpoints that are no more, too.
 */
export function isAbsent(error: unknown): error is AtlasApiError {
  const code = codeOf(error);
  return code !== null && /_NOT_(FOUND|EXIST)$/.test(code) && code !== 'RESOURCE_NOT_FOUND';
}

/** Whether Atlas said that what was asked for does not exist for this kind of cluster: no trouble, and no data. */
export function isUnavailable(error: unknown): error is AtlasApiError {
  if (!(error instanceof AtlasApiError)) return false;
  const code = codeOf(error) ?? '';
  return REFUSALS.has(error.status) && LACKING.test(code) && !VERSION.has(code);
}
