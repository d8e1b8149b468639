import { AtlasApiError } from './errors.ts';

/**
 * Interprets Atlas's own error codes. A response without such a code may come from a gateway or proxy: it says nothing
 * about projects, roles or resources, and counts as a failure to retry.
 */

/**
 * Codes for a cluster whose tier or version does not have the feature. INSUFFICIENT_INSTANCE_SIZE was observed (400);
 * the others are recognized by their words, because Atlas documents no list and has renamed its small tiers twice.
 */
const LACKING = /INSUFFICIENT_INSTANCE_SIZE|TENANT|SERVERLESS|FLEX|UNSUPPORTED|NOT_SUPPORTED|NOT_AVAILABLE/;

/** Statuses with which Atlas refuses a whole list or endpoint, whatever the code. */
const WITHDRAWN = new Set([403, 404, 405, 410, 501]);

/** Statuses with which Atlas refuses permanently. 401 and 402 concern the credential and the bill, not the cluster. */
const REFUSALS = new Set([400, 409, ...WITHDRAWN]);

/**
 * Codes for a known client whose role is insufficient. USER_UNAUTHORIZED was observed with 401 and 403, and
 * NOT_ORG_GROUP_CREATOR is in the reference. A 401 for wrong or expired credentials has no code of its own.
 */
const ROLE = /^(USER_UNAUTHORIZED|NOT_[A-Z_]+)$|INSUFFICIENT_(ROLE|PERMISSION)/;

/** Codes for a request that Atlas considers invalid: a bug of this program, which must stay visible. */
const NONSENSE = /^(INVALID|VALIDATION|MISSING|MALFORMED|MUTUALLY_EXCLUSIVE)/;

/** Codes that refuse the address of the client. Only people can change that, and it affects every request. */
const ADDRESS = /WHITELIST|ACCESS_LIST/;

/** Codes for the version in the Accept header. VERSION_GONE was observed with 410; the other comes with 406. */
const VERSION = new Set(['VERSION_GONE', 'INVALID_VERSION_DATE']);

/** The code of errors without a code of their own. It proves only that Atlas responded. */
const NO_CODE = 'UNEXPECTED_ERROR';

/** Returns whether Atlas's API responded. The codes of OAuth are in lower case, and not from the API. */
export function isFromAtlas(error: unknown): error is AtlasApiError {
  return error instanceof AtlasApiError && /^[A-Z]/.test(error.errorCode ?? '');
}

/** Returns Atlas's code for the error; null if there is none, or Atlas did not respond. */
function codeOf(error: unknown): string | null {
  return isFromAtlas(error) && error.errorCode !== NO_CODE ? error.errorCode : null;
}

/** Returns the status and Atlas's code of a refusal, for people. Contains nothing that may include names. */
export function refusalCode({ status, errorCode, reason }: AtlasApiError): string {
  return `${status} ${errorCode ?? reason}`;
}

/** Returns whether Atlas refuses the requested version, which is a bug of this program. */
export function isVersionRefusal(error: unknown): error is AtlasApiError {
  return VERSION.has(codeOf(error) ?? '');
}

/** Returns whether Atlas knows the client and refuses its role. New credentials would not help. */
export function isRoleRefusal(error: unknown): error is AtlasApiError {
  if (!(error instanceof AtlasApiError)) return false;
  const code = codeOf(error) ?? '';
  return (error.status === 401 || error.status === 403) && ROLE.test(code) && !ADDRESS.test(code);
}

/**
 * Returns whether Atlas refuses a list permanently: the role is insufficient, Atlas withdrew the endpoint, or the feature does
 * not exist here. That is not a failure, and says nothing about the resources. Features have more codes than any list:
 * with 400 and 409, all count except those that blame the request itself.
 */
export function isRefused(error: unknown): error is AtlasApiError {
  if (!isFromAtlas(error)) return false;
  const code = codeOf(error);
  if (code !== null && (ADDRESS.test(code) || VERSION.has(code))) return false;
  const lacks = REFUSALS.has(error.status) && code !== null && !NONSENSE.test(code);
  return WITHDRAWN.has(error.status) || lacks || isRoleRefusal(error);
}

/**
 * Returns whether Atlas refuses something for a single target without blaming the request itself. Process types differ in what
 * Atlas measures for them.
 */
export function isRejected(error: unknown): error is AtlasApiError {
  if (!isFromAtlas(error)) return false;
  const code = codeOf(error);
  if (code === null) return false;
  return (error.status === 400 || error.status === 409) && !NONSENSE.test(code) && !VERSION.has(code);
}

/** Returns whether Atlas says that the resource does not exist. A 404 of another server says nothing. */
export function isNotFound(error: unknown): error is AtlasApiError {
  return error instanceof AtlasApiError && error.status === 404 && codeOf(error) !== null;
}

/**
 * Returns whether Atlas says that the one requested resource does not exist, such as 400 ATLAS_SEARCH_DEPLOYMENT_DOES_NOT_EXIST
 * for a cluster without search nodes. Excludes RESOURCE_NOT_FOUND, which Atlas also sends for endpoints that no longer
 * exist.
 */
export function isAbsent(error: unknown): error is AtlasApiError {
  const code = codeOf(error);
  return code !== null && /_NOT_(FOUND|EXIST)$/.test(code) && code !== 'RESOURCE_NOT_FOUND';
}

/** Codes of a 404 for a missing process, not for something of it (observed). */
const NO_PROCESS = new Set(['GROUP_NOT_FOUND', 'HOST_NOT_FOUND', 'HOSTNAME_AND_PORT_NOT_FOUND']);

/** Returns whether Atlas knows the process of a request, and does not have what is requested of it. */
export function isMissingPart(error: unknown): error is AtlasApiError {
  return isNotFound(error) && !NO_PROCESS.has(error.errorCode ?? '');
}

/** Returns whether Atlas says that this kind of cluster does not have the resource: neither a failure nor data. */
export function isUnavailable(error: unknown): error is AtlasApiError {
  if (!(error instanceof AtlasApiError)) return false;
  const code = codeOf(error) ?? '';
  return REFUSALS.has(error.status) && LACKING.test(code) && !VERSION.has(code);
}
