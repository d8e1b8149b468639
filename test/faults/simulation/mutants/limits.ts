import type { Mutant } from './mutant.ts';

const STORE = 'shared/cursors/cursor-store.ts';

const NAMELESS_KEY = {
  file: 'functions/cost-usage/state.ts',
  text: '  return [...states].map(([name, { from, unavailableOn, amounts, revision }]) => ({\n    name,\n',
  replacement:
    "  return [...states].map(([name, { from, unavailableOn, amounts, revision }]) => ({\n    name,\n    [name === SELF ? '' : name]: from,\n",
};
const UNCHECKED = {
  file: STORE,
  text: '    return transactionWithinLimits([\n',
  replacement: '    return ((writes: TransactWriteItem[]) => writes)([\n',
};

const HOSTS_WITHOUT_DATA = 'test/integration/engine/hosts-without-data.slow.test.ts';
const RATE_LIMITS = 'test/integration/engine/rate-limits.slow.test.ts';

/** Planted bugs in the handling of DynamoDB's limits. */
export const LIMIT_MUTANTS: readonly Mutant[] = [
  {
    name: 'a target without a name is the key of a map',
    topic: 'resources',
    changes: [NAMELESS_KEY],
  },
  {
    name: 'a target without a name is the key of a map, and writes are not checked',
    topic: 'resources',
    changes: [NAMELESS_KEY, UNCHECKED],
  },
  {
    name: 'a commit is not checked against the limits of DynamoDB',
    test: 'test/unit/cursors/cursor-store.test.ts',
    changes: [UNCHECKED],
  },
  {
    name: 'a header is not checked against the limits of DynamoDB',
    test: 'test/unit/cursors/cursor-store.test.ts',
    changes: [
      {
        file: STORE,
        text: 'putWithinLimits(this.#conditionalHeader(scope, header, seen))',
        replacement: 'this.#conditionalHeader(scope, header, seen)',
      },
    ],
  },
  {
    name: 'a commit is checked only when its record is in the bucket',
    test: 'test/integration/engine/every-dataset.test.ts',
    changes: [
      {
        file: 'shared/engine/batch-writer.ts',
        text: '    this.#lease.check({ cursors, statistics });\n',
        replacement: '',
      },
    ],
  },
  {
    name: 'text that is not Unicode counts as within the limits of DynamoDB',
    test: 'test/unit/cursors/dynamodb-limits.test.ts',
    changes: [
      {
        file: 'shared/cursors/dynamodb-limits.ts',
        text: 'if (!text.isWellFormed())',
        replacement: "if (text === '\\ud800' && !text.isWellFormed())",
      },
    ],
  },
  {
    name: 'a service of costs may have half of a surrogate pair',
    test: 'test/integration/engine/unstorable-values.slow.test.ts',
    changes: [
      {
        file: 'shared/atlas/schemas/costs.ts',
        text: 'z.object({ service: name, usageDate, usageAmount',
        replacement: 'z.object({ service: z.string(), usageDate, usageAmount',
      },
    ],
  },
  {
    name: 'an id of an organisation may be any text',
    test: 'test/integration/engine/unstorable-values.slow.test.ts',
    changes: [
      {
        file: 'functions/inventory/collector.ts',
        text: "if (typeof id === 'string' && isOrganisationId(id)) return id;",
        replacement: "if (typeof id === 'string') return id as OrganisationId;",
      },
    ],
  },
  {
    name: 'a negative amount of costs has no limit',
    test: 'test/integration/engine/unstorable-values.slow.test.ts',
    changes: [
      {
        file: 'shared/atlas/schemas/costs.ts',
        text: 'Math.abs(amount) <= LARGEST_AMOUNT',
        replacement: 'amount <= LARGEST_AMOUNT',
      },
    ],
  },
  {
    name: 'a state that DynamoDB rejects stops the whole run',
    test: 'test/integration/engine/unstorable-values.slow.test.ts',
    changes: [
      {
        file: 'shared/engine/target-loop.ts',
        text: '      batch.check(target, outcome.state);\n',
        replacement: '',
      },
    ],
  },
  {
    name: 'a rate limit stops what needs no request of it',
    test: RATE_LIMITS,
    changes: [
      {
        file: 'shared/engine/target-loop.ts',
        text: '      this.#waiting.add(target);\n',
        replacement: "      this.#stop ??= { kind: 'stop', error: null, resume: NOW };\n",
      },
    ],
  },
  {
    name: 'hosts are read while their list waits for the rate limit',
    test: HOSTS_WITHOUT_DATA,
    changes: [
      {
        file: 'shared/engine/discovery.ts',
        text: "if (classified.kind === 'wait') return",
        replacement: "if (classified.kind === 'wait' && targets.length === 0) return",
      },
      {
        file: 'shared/engine/discovery.ts',
        text: "if (classified.kind === 'stop') return",
        replacement:
          "if (classified.kind === 'wait') return { ...NOTHING_LISTED, targets, unread: 1, wait: classified };\n  if (classified.kind === 'stop') return",
      },
    ],
  },
  {
    name: 'hosts without data are read while no list says that they are back',
    test: HOSTS_WITHOUT_DATA,
    changes: [
      {
        file: 'shared/engine/discovery.ts',
        text: 'filter(({ missingSince }) => missingSince === null)',
        replacement: 'filter(() => true)',
      },
    ],
  },
  {
    name: 'a target that fails keeps lists from being read',
    test: RATE_LIMITS,
    changes: [
      {
        file: 'shared/engine/target-loop.ts',
        text: 'this.#steps + listings > 0 || isPostponed',
        replacement: 'this.#steps + listings > 0',
      },
    ],
  },
  {
    name: 'a run without progress forgets when the rate limit allows its lists',
    test: 'test/unit/engine/target-loop.test.ts',
    changes: [
      {
        file: 'shared/engine/target-loop.ts',
        text: 'return allowed ?? NEXT_TICK;',
        replacement: 'return NEXT_TICK;',
      },
    ],
  },
  {
    name: 'lists take all requests of each run',
    test: RATE_LIMITS,
    changes: [
      {
        file: 'shared/engine/run.ts',
        text: 'request.continuation % 2 === 1;',
        replacement: 'request.continuation % 2 === 2;',
      },
    ],
  },
];
