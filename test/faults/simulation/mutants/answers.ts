import type { Mutant } from './mutant.ts';

const REFUSAL = 'shared/atlas/refusal.ts';

/** Planted bugs in the meaning of answers, in their origin, and in what is kept of them. */
export const ANSWER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a 401 of a gateway refuses the credentials',
    test: 'test/integration/engine/refusals.test.ts',
    changes: [
      {
        file: 'shared/atlas/requester.ts',
        text: '(!isFirst && authorization.isFresh && isForeign(refusal, response));',
        replacement: '(isFirst && isForeign(refusal, response));',
      },
    ],
  },
  {
    name: 'null counts as an empty list although Atlas counts items in it',
    test: 'test/unit/atlas/pages.test.ts',
    changes: [
      {
        file: 'shared/atlas/pages.ts',
        text: 'if (results === null && (totalCount ?? 0) > (pageNum - 1) * ITEMS_PER_PAGE)',
        replacement: 'if (pageNum < 1)',
      },
    ],
  },
  {
    name: 'an error of a gateway counts as a refusal of Atlas',
    topic: 'resources',
    changes: [
      {
        file: REFUSAL,
        text: "  return error instanceof AtlasApiError && /^[A-Z]/.test(error.errorCode ?? '');",
        replacement: '  return error instanceof AtlasApiError;',
      },
    ],
  },
  {
    name: 'an error code counts without a check of the shape of the error',
    test: 'test/unit/atlas/refusal.test.ts',
    changes: [
      {
        file: 'shared/atlas/responses.ts',
        text: 'return error === status && errorCode !== undefined && API_CODE.test(errorCode) ? errorCode : null;',
        replacement: 'return (error === status || true) && errorCode ? errorCode : null;',
      },
    ],
  },
  {
    name: 'a withdrawn version counts as a missing role',
    test: 'test/unit/atlas/refusal.test.ts',
    changes: [
      {
        file: REFUSAL,
        text: 'if (code !== null && (ADDRESS.test(code) || VERSION.has(code))) return false;',
        replacement: 'if (code !== null && ADDRESS.test(code)) return false;',
      },
    ],
  },
  {
    name: 'an insufficient role is a failure in each run',
    test: 'test/integration/engine/refusals.test.ts',
    changes: [
      {
        file: 'functions/access-logs/reader.ts',
        text: '      if (isRoleRefusal(error)) return skippedWithoutRole(reading, notPermitted(refusalCode(error)));\n',
        replacement:
          '      if (isRoleRefusal(error)) skippedWithoutRole(reading, notPermitted(refusalCode(error)));\n',
      },
      {
        file: 'shared/engine/errors.ts',
        text: '  const isRole = isRoleRefusal(error);',
        replacement: '  const isRole = isRoleRefusal(error) && false;',
      },
    ],
  },
  {
    name: 'a pattern scans to the end of the text from each possible start',
    test: 'test/unit/patterns/patterns.slow.test.ts',
    changes: [
      {
        file: 'functions/inventory/secrets.ts',
        text: "  const at = run.lastIndexOf('@');",
        replacement: "  const at = run.search(/:\\/\\/[^\\s]*@/) < 0 ? -1 : run.lastIndexOf('@');",
      },
    ],
  },
  {
    name: 'requests of an API key keep overtaking each other',
    test: 'test/integration/atlas/nonce-order.slow.test.ts',
    changes: [
      {
        file: 'shared/atlas/authentication/api-key.ts',
        text: 'this.#isSerial = true;',
        replacement: 'this.#isSerial = false;',
      },
    ],
  },
  {
    name: 'long numbers of documents lose digits',
    test: 'test/unit/atlas/exact-json.test.ts',
    changes: [
      {
        file: 'shared/atlas/exact-json.ts',
        text: 'return isExtreme && digitsOf(written) !== digitsOf(String(value));',
        replacement:
          'return isExtreme && written.length > 50 && digitsOf(written) !== digitsOf(String(value));',
      },
    ],
  },
  {
    name: 'an answer that is not ready is given up after some attempts',
    test: 'test/integration/atlas/fidelity.slow.test.ts',
    changes: [
      {
        file: 'shared/atlas/retry.ts',
        text: 'if (isNotReady(error)) return Number.POSITIVE_INFINITY;',
        replacement: 'if (isNotReady(error)) return MAX_ATTEMPTS;',
      },
    ],
  },
  {
    name: 'the local S3 does not check signatures',
    test: 'test/integration/local-aws/s3-signature.test.ts',
    changes: [
      {
        file: 'local-aws/s3/server.ts',
        text: "    checkSignature({ ...request, target: message.url ?? '' }, credentials);\n",
        replacement: '    void checkSignature, credentials;\n',
      },
    ],
  },
];
