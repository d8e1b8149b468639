import * as z from 'zod';
import type { SimulatorClock } from '../clock.ts';
import type { Fault, Faults } from '../faults.ts';
import { ENDPOINT_SETS, type EndpointSet } from '../rate-limit-sizes.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { RequestLog } from '../request-log.ts';
import type { HttpResponse } from './respond.ts';

/** What another process can control. */
export interface Controls {
  clock: SimulatorClock;
  faults: Faults;
  requests: RequestLog;
  rateLimits: RateLimits;
}

export const CONTROL_PREFIX = '/_simulator/';

const clockChange = z.union([z.strictObject({ now: z.number() }), z.strictObject({ advance: z.number() })]);

const drain = z.strictObject({
  set: z.custom<EndpointSet>((name) => typeof name === 'string' && Object.hasOwn(ENDPOINT_SETS, name)),
  scope: z.string(),
  requests: z.int().min(0),
});

const kinds = [
  'status',
  'cut-body',
  'cut-chunked',
  'not-json',
  'wrong-shape',
  'stall',
  'stall-body',
  'reset',
  'host-not-found',
  'host-unlisted',
  'host-silent',
  'no-values',
  'too-old',
] as const satisfies readonly Fault['kind'][];

const fault = z.strictObject({
  kind: z.enum([...kinds, 'expire-tokens']),
  projectId: z.string().exactOptional(),
  processId: z.string().exactOptional(),
  operation: z.string().exactOptional(),
  pattern: z.string().exactOptional(),
  count: z.int().min(1).exactOptional(),
  from: z.number().exactOptional(),
  until: z.number().exactOptional(),
  status: z.int().min(102).max(599).exactOptional(),
  errorCode: z.string().exactOptional(),
  html: z.boolean().exactOptional(),
  codeless: z.boolean().exactOptional(),
  retryAfter: z.int().min(0).exactOptional(),
  body: z.unknown().exactOptional(),
});

/** Responds to a request to the control API, which is not part of Atlas. */
export function handleControlRequest(
  controls: Controls,
  method: string,
  path: string,
  body: string,
): HttpResponse {
  const operation = `${method} ${path.slice(CONTROL_PREFIX.length)}`;
  try {
    const result = OPERATIONS[operation]?.(controls, body === '' ? {} : JSON.parse(body));
    return result === undefined ? json(404, { error: `There is no ${operation}.` }) : json(200, result);
  } catch (error) {
    if (error instanceof z.ZodError) return json(400, { error: z.prettifyError(error) });
    if (error instanceof SyntaxError) return json(400, { error: error.message });
    throw error;
  }
}

const OPERATIONS: Record<string, (controls: Controls, body: unknown) => object> = {
  'GET clock': ({ clock }) => ({ now: clock.now() }),
  'PUT clock': ({ clock }, body) => {
    const change = clockChange.parse(body);
    if ('now' in change) clock.set(change.now);
    else clock.advance(change.advance);
    return { now: clock.now() };
  },
  'GET faults': ({ faults }) => ({ faults: faults.list }),
  'POST faults': ({ faults }, body) => {
    const { kind, ...rest } = fault.parse(body);
    if (kind === 'expire-tokens') faults.expireTokens();
    else faults.add({ kind, ...rest });
    return { faults: faults.list };
  },
  'DELETE faults': ({ faults }) => {
    faults.clear();
    return { faults: faults.list };
  },
  'GET requests': ({ requests }) => ({ requests: requests.list, counts: requests.counts() }),
  'DELETE requests': ({ requests }) => {
    requests.reset();
    return { requests: requests.list, counts: requests.counts() };
  },
  'POST drain': ({ rateLimits }, body) => {
    const { set, scope, requests } = drain.parse(body);
    rateLimits.drain(set, scope, requests);
    return rateLimits.statistics(set, scope);
  },
};

function json(status: number, body: object): HttpResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}
