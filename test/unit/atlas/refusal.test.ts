import { describe, expect, test } from 'vitest';
import {
  isAbsent,
  isNotFound,
  isRefused,
  isRejected,
  isRoleRefusal,
  isUnavailable,
  isVersionRefusal,
} from '../../../shared/atlas/refusal.ts';
import { apiError } from '../../../shared/atlas/responses.ts';

const ERROR_CONTEXT = { operation: 'listDisks', attempts: 1 };
const CHECKS = {
  isAbsent,
  isNotFound,
  isRefused,
  isRejected,
  isRoleRefusal,
  isUnavailable,
  isVersionRefusal,
};

/** Returns the names of all checks that are true. */
function verdicts(status: number, body: unknown, headers: Record<string, string> = {}): string[] {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const error = apiError({ status, headers, text }, [], ERROR_CONTEXT);
  return Object.entries(CHECKS)
    .filter(([, check]) => check(error))
    .map(([name]) => name)
    .sort();
}

const STATUSES = [400, 401, 403, 404, 405, 406, 407, 409, 410, 451, 500, 501, 502, 503];

describe('no check is true for a response without an error code of Atlas', () => {
  test.each<[string, unknown]>([
    ['HTML', '<html><body>USER_UNAUTHORIZED</body></html>'],
    ['an empty body', ''],
    ['no code', { reason: 'Forbidden', detail: 'USER_UNAUTHORIZED' }],
    ['null as its code', { errorCode: null }],
    ['a number as its code', { errorCode: 40 }],
    ['a code in lower case', { errorCode: 'access_denied' }],
    ['the error of OAuth', { error: 'unauthorized_client' }],
    ['an empty code', { errorCode: '' }],
  ])('%s', (_name, body) => {
    for (const status of STATUSES) {
      const document = typeof body === 'object' ? { error: status, ...body } : body;
      expect(verdicts(status, document, { 'x-error-code': 'HOST_NOT_FOUND' }), String(status)).toEqual([]);
    }
  });

  test('a code without the status, or with another', () => {
    for (const status of STATUSES) {
      for (const errorCode of ['USER_UNAUTHORIZED', 'HOST_NOT_FOUND', 'TENANT_NOT_SUPPORTED']) {
        expect(verdicts(status, { errorCode })).toEqual([]);
        expect(verdicts(status, { error: 418, errorCode })).toEqual([]);
      }
    }
  });
});

describe("the checks are true for Atlas's codes", () => {
  test.each<[number, string, string[]]>([
    [401, 'USER_UNAUTHORIZED', ['isRefused', 'isRoleRefusal']],
    [403, 'USER_UNAUTHORIZED', ['isRefused', 'isRoleRefusal']],
    [403, 'NOT_ORG_GROUP_CREATOR', ['isRefused', 'isRoleRefusal']],
    [403, 'ORG_INSUFFICIENT_PERMISSIONS_FOR_THIS', ['isRefused', 'isRoleRefusal']],
    [401, 'UNEXPECTED_ERROR', []],
    [403, 'IP_ADDRESS_NOT_ON_WHITELIST', []],
    [403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', []],
    [403, 'NOT_ON_ACCESS_LIST', []],
    [410, 'VERSION_GONE', ['isVersionRefusal']],
    [406, 'INVALID_VERSION_DATE', ['isVersionRefusal']],
    [400, 'INVALID_VERSION_DATE', ['isVersionRefusal']],
    [404, 'HOST_NOT_FOUND', ['isAbsent', 'isNotFound', 'isRefused']],
    [404, 'RESOURCE_NOT_FOUND', ['isNotFound', 'isRefused']],
    [404, 'UNEXPECTED_ERROR', ['isRefused']],
    [400, 'UNEXPECTED_ERROR', []],
    [400, 'INVALID_GRANULARITY', []],
    [400, 'INSUFFICIENT_INSTANCE_SIZE', ['isRefused', 'isRejected', 'isUnavailable']],
    [400, 'MONGODB_VERSION_NOT_SUPPORTED', ['isRefused', 'isRejected', 'isUnavailable']],
    [402, 'ACCOUNT_SUSPENDED', []],
    [500, 'UNEXPECTED_ERROR', []],
  ])('%d %s', (status, errorCode, expected) => {
    expect(verdicts(status, { error: status, errorCode, reason: 'x', detail: 'y', parameters: [] })).toEqual(
      expected,
    );
  });
});
