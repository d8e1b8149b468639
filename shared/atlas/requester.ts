import type * as z from 'zod';
import type { OrganisationId } from '../ids.ts';
import { type Authentication, refusedByAtlas } from './authentication/authentication.ts';
import { parseChallenge } from './authentication/digest.ts';
import { type SessionContext, withDeadline } from './call-context.ts';
import type { BodySink } from './download.ts';
import { type AtlasApiError, AtlasResponseError, AtlasVersionError, type ErrorContext } from './errors.ts';
import { type Attempt, type ExchangeTools, exchange } from './exchange.ts';
import { type QueryParameter, requestTarget } from './paths.ts';
import { type Bucket, invoicesBucket } from './rate-limit/sets.ts';
import { isRoleRefusal, isVersionRefusal } from './refusal.ts';
import type { SessionRemarks } from './remarks.ts';
import { apiError, parseJson, validated } from './responses.ts';
import { withRetries } from './retry.ts';
import type { CostQueryTarget, HttpResponse } from './transport.ts';
import { untrustedText } from './untrusted-text.ts';

/** The version of the Admin API that this client was written for: a fixed date, never today's. */
const VERSION = '2025-03-12';

/** Cost Explorer's version, from the reference. */
export const COSTS_VERSION = '2023-01-01';

const API_ROOT = '/api/atlas/v2';

/** One read of the Admin API. */
export interface ApiRead {
  /** The client's name for it, in errors and logs. */
  readonly operation: string;
  readonly bucket: Bucket;
  /** The path below `/api/atlas/v2`, not encoded. */
  readonly segments: readonly string[];
  readonly query: readonly QueryParameter[];
  /** The date of the resource's version, if it differs from the client's. */
  readonly version?: string;
  /** Whether to keep documents whole, with all digits of their numbers. */
  readonly exact?: boolean;
  /** Whether every 401 refuses the credentials, also one that is not from Atlas: without this read there are no others. */
  readonly isFirst?: boolean;
}

/** Reads within a session: respects its deadline and counts its traffic. */
export interface Requester {
  /**
   * Returns Atlas's document in the schema's shape.
   *
   * @throws one of the errors in `errors.ts`
   */
  get<T>(read: ApiRead, schema: z.ZodType<T>): Promise<T>;
  /**
   * Reads a gzip file, decompressed. Each attempt starts from the beginning, with a new sink.
   *
   * @throws one of the errors in `errors.ts`
   */
  download(read: ApiRead, newSink: () => BodySink): Promise<void>;
  /** Creates a query of an organisation's costs, which changes nothing. Another address returns the result. */
  queryCosts<T>(organisation: OrganisationId, query: object, schema: z.ZodType<T>): Promise<T>;
  /** Where operations report what they skip or notice. */
  readonly remarks: SessionRemarks;
}

export interface RequesterTools extends ExchangeTools {
  readonly authentication: Authentication;
  readonly random: () => number;
  /** Operations whose withdrawal has been logged. */
  readonly deprecated: Set<string>;
}

export function createRequester(
  tools: RequesterTools,
  session: SessionContext & { remarks: SessionRemarks },
): Requester {
  const send = <T>(
    {
      operation,
      bucket,
      version = VERSION,
      isFirst = false,
    }: Pick<ApiRead, 'operation' | 'bucket' | 'version' | 'isFirst'>,
    draft: () => Draft,
    content: Content<T>,
  ) =>
    withDeadline(session, operation, tools.clock, async (context) => {
      const request = draft();
      const accept = `application/vnd.atlas.${version}+${content.format}`;
      const result = withRetries(operation, context, tools, async (number, previous) => {
        if (previous !== undefined) {
          tools.log.debug('trying again', { operation, attempt: number, after: previous.message });
        }
        const sink = content.newSink?.();
        const attempt = { operation, bucket, context, number, previous, ...(sink && { sink }) };
        const response = await authorized(tools, { ...request, accept, isFirst }, attempt);
        noteWithdrawal(tools, session.remarks, operation, response);
        const errorContext = { operation, attempts: number };
        if (response.status !== 200 && request.method === 'GET') {
          throw new AtlasResponseError('not-ready', 'the response is not ready yet', errorContext);
        }
        return content.read(response, errorContext);
      });
      return result.catch((error: unknown) => {
        throw isVersionRefusal(error) ? new AtlasVersionError(version, error) : error;
      });
    });
  const json = <T>(
    { operation, exact = false }: Pick<ApiRead, 'operation' | 'exact'>,
    schema: z.ZodType<T>,
  ): Content<T> => ({
    format: 'json',
    read(response, errorContext) {
      const onNotNumbers = (count: number) =>
        session.remarks.readAsNull(operation, { path: [], expected: 'expected no NaN or Infinity' }, count);
      return validated(schema, parseJson(response, errorContext, { exact, onNotNumbers }), errorContext);
    },
  });
  const getDraft =
    ({ segments, query, operation }: ApiRead) =>
    (): Draft => ({
      method: 'GET',
      target: API_ROOT + requestTarget(segments, query, { operation, attempts: 0 }),
    });
  return {
    remarks: session.remarks,
    get: (read, schema) => send(read, getDraft(read), json(read, schema)),
    download: (read, newSink) => send(read, getDraft(read), { format: 'gzip', newSink, read: () => {} }),
    queryCosts: (organisation, query, schema) =>
      send(
        { operation: 'queryCosts', bucket: invoicesBucket(organisation), version: COSTS_VERSION },
        () => ({
          method: 'POST',
          target: `${API_ROOT}/orgs/${organisation}/billing/costExplorer/usage`,
          json: JSON.stringify(query),
        }),
        json({ operation: 'queryCosts' }, schema),
      ),
  };
}

/** How a response is read. */
interface Content<T> {
  format: 'json' | 'gzip';
  /** Returns what takes the file of one attempt. */
  newSink?(): BodySink;
  read(response: HttpResponse, errorContext: ErrorContext): T;
}

/** A request without its authorization. */
type Draft = { method: 'GET'; target: string } | { method: 'POST'; target: CostQueryTarget; json: string };

/**
 * Challenges that one request answers. If nonces serve few requests, concurrent requests use them up one after another.
 */
const MAX_CHALLENGES = 5;

/**
 * Returns the response: 200 to a GET, or 202 to a query that takes time. Retries the first 401 with a new token or
 * nonce, and the second with other credentials if they have changed. A 401 that is not from Atlas says nothing about
 * the credentials, if the token is a new one.
 */
async function authorized(
  tools: RequesterTools,
  { isFirst, ...draft }: Draft & { accept: string; isFirst: boolean },
  attempt: Attempt,
): Promise<HttpResponse> {
  let refusals = 0;
  let challenges = 0;
  let wasSigned = false;
  for (;;) {
    const authorization = await tools.authentication.authorize(attempt.context);
    const write = async () => {
      const header = await authorization.header(draft.method, tools.transport.fullTarget(draft.target));
      wasSigned ||= header !== undefined;
      return { ...draft, authorization: header };
    };
    const errorContext = { operation: attempt.operation, attempts: attempt.number };
    let response: HttpResponse | undefined;
    let refusal: AtlasApiError | undefined;
    let saysNothing = false;
    let challenged = false;
    try {
      response = await exchange(tools, { write, secrets: authorization.secrets }, attempt);
      const secrets = [...authorization.secrets, ...tools.transport.secrets];
      if (response.status === 401) {
        refusal = apiError(response, secrets, errorContext);
        saysNothing =
          isRoleRefusal(refusal) || (!isFirst && authorization.isFresh && isForeign(refusal, response));
      }
    } finally {
      // An insufficient role does not invalidate the token, so the scheme keeps it.
      challenged = authorization.settle(saysNothing ? undefined : response);
    }
    if (refusal === undefined) return response;
    if (saysNothing) throw refusal;
    if (challenged && challenges < MAX_CHALLENGES) {
      challenges += 1;
      continue;
    }
    refusals += 1;
    if (refusals === 1) continue;
    if (refusals === 2 && (await tools.authentication.reload(authorization.scheme))) continue;
    throw refusedByAtlas({ ...errorContext, cause: refusal }, wasSigned);
  }
}

/** Returns whether a 401 is neither an error of Atlas nor part of an exchange by Digest. */
function isForeign({ errorCode }: AtlasApiError, { headers }: HttpResponse): boolean {
  return errorCode === null && parseChallenge(headers['www-authenticate']) === undefined;
}

/**
 * Reports a withdrawal. Atlas announces the end of a version in headers long before it sends 410: logged once, noted in
 * each run.
 */
function noteWithdrawal(
  tools: RequesterTools,
  remarks: SessionRemarks,
  operation: string,
  response: HttpResponse,
): void {
  const [deprecation, sunset] = [response.headers['deprecation'], response.headers['sunset']].map((header) =>
    typeof header === 'string' ? untrustedText(header) : undefined,
  );
  if (sunset !== undefined)
    remarks.notes.add(`${operation}: Atlas withdraws this version on ${dateOf(sunset)}`);
  if ((deprecation ?? sunset) === undefined || tools.deprecated.has(operation)) return;
  tools.deprecated.add(operation);
  tools.log.warn('Atlas will withdraw this version of the operation', { operation, deprecation, sunset });
}

/** Returns an HTTP date as YYYY-MM-DD. Does not repeat an invalid one. */
function dateOf(header: string): string {
  const time = Date.parse(header);
  return Number.isNaN(time) ? 'an unreadable date' : new Date(time).toISOString().slice(0, 10);
}
