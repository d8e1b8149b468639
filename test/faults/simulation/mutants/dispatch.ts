import type { Mutant } from './mutant.ts';

const UNITS = 'functions/dispatch/plan.ts';
const LISTED = 'functions/dispatch/listed-subjects.ts';
const CREDENTIALS_TEST = 'test/integration/worker/named-credentials.slow.test.ts';
const TIME = 'shared/atlas/atlas-time.ts';
const REDUNDANCY = 'shared/engine/redundancy.ts';
const REDUNDANCY_TEST = 'test/unit/engine/redundancy.test.ts';
const UNITS_TEST = 'test/unit/dispatch/plan.test.ts';

/** Planted bugs in the handling of removed projects, clocks, and optional inputs of a run. */
export const DISPATCH_MUTANTS: readonly Mutant[] = [
  {
    name: 'a project that is no longer listed gets no run',
    changes: [{ file: UNITS, text: 'if (isDue) due.push(one);', replacement: '' }],
  },
  {
    name: 'a project that left the list long ago gets no run',
    test: 'test/faults/directed-histories.slow.test.ts',
    changes: [
      {
        file: UNITS,
        text: 'const isDue = Math.abs(now - before.sentAt) >= DAY;',
        replacement: 'const isDue = Math.abs(now - before.sentAt) >= DAY * DAY;',
      },
    ],
  },
  {
    name: 'a project that only commit records show gets no run',
    test: 'test/faults/directed-histories.slow.test.ts',
    changes: [
      {
        file: 'functions/dispatch/recorded-subjects.ts',
        text: '.filter((id) => !remembered.has(id));',
        replacement: '.filter((id) => !remembered.has(id) && kinds.length > 2);',
      },
    ],
  },
  {
    name: 'one list without a project counts as its removal',
    test: UNITS_TEST,
    changes: [
      {
        file: UNITS,
        text: 'return ticks >= ABSENT_AFTER_TICKS && now - since >= ABSENT_AFTER;',
        replacement: 'return ticks >= 1 && now - since >= 0 * ABSENT_AFTER * ABSENT_AFTER_TICKS;',
      },
    ],
  },
  {
    name: 'an excluded project counts as removed',
    test: UNITS_TEST,
    changes: [
      {
        file: LISTED,
        text: "if (this.#all.has(id) || !this.#isWanted(id)) return 'unknown';",
        replacement: "if (this.#all.has(id)) return 'unknown';",
      },
    ],
  },
  {
    name: 'a credential that fails makes its projects vanish',
    test: UNITS_TEST,
    changes: [
      {
        file: LISTED,
        text: 'return list === null || mayHold(list, id);',
        replacement: 'return list !== null && mayHold(list, id);',
      },
    ],
  },
  {
    name: 'a project that was missing once gets no run while its list cannot be read',
    test: UNITS_TEST,
    changes: [
      {
        file: UNITS,
        text: "if (failure === 'refused') continue;",
        replacement: 'if (failure !== null) continue;',
      },
    ],
  },
  {
    name: 'a removed credential makes its projects vanish',
    test: CREDENTIALS_TEST,
    changes: [
      {
        file: LISTED,
        text: "    return 'orphaned';",
        replacement: "    return 'absent';",
      },
    ],
  },
  {
    name: 'a credential that fails hides the projects of one that was removed',
    test: UNITS_TEST,
    changes: [
      {
        file: LISTED,
        text: "    return 'orphaned';",
        replacement:
          "    return [...this.#lists.values()].some((one) => mayHave(one.listed, id)) ? 'unknown' : 'orphaned';",
      },
    ],
  },
  {
    name: 'a project belongs to the last credential that lists it',
    test: UNITS_TEST,
    changes: [
      {
        file: LISTED,
        text: 'if (isWanted && !projects.has(id)) projects.set(id, credential);',
        replacement: 'if (isWanted) projects.set(id, credential);',
      },
    ],
  },
  {
    name: 'a refused credential ends the tick of all',
    test: CREDENTIALS_TEST,
    changes: [
      {
        file: 'functions/dispatch/list-projects.ts',
        text: 'if (failed.length < listings.length) return',
        replacement: 'if (failed.length === 0) return',
      },
    ],
  },
  {
    name: 'a message does not name its credential',
    changes: [
      { file: 'shared/worker/message.ts', text: '    ...credentialField(credential),\n', replacement: '' },
    ],
  },
  {
    name: 'all credentials share the first client',
    changes: [
      {
        file: 'shared/atlas/clients.ts',
        text: 'const known = clients.get(name);',
        replacement: 'const [known] = name === undefined ? [] : clients.values();',
      },
    ],
  },
  {
    name: 'every tick is sent in the order of the list',
    test: 'test/unit/bench/queues.slow.test.ts',
    changes: [
      {
        file: 'functions/dispatch/order.ts',
        text: 'Math.floor((turns - Math.floor(turns)) * list.length)',
        replacement: 'Math.floor((turns - turns) * list.length)',
      },
    ],
  },
  {
    name: 'every message that has waited needs a run',
    test: 'test/unit/bench/queues.slow.test.ts',
    changes: [
      {
        file: REDUNDANCY,
        text: "last.outcome === 'complete' || continuation === 0",
        replacement: 'continuation > tick',
      },
    ],
  },
  {
    name: 'a message is redundant although a dead run left a batch',
    test: 'test/integration/worker/redundant-messages.slow.test.ts',
    changes: [
      {
        file: REDUNDANCY,
        text: 'header.holder !== null || header.pending !== null || ',
        replacement: '',
      },
    ],
  },
  {
    name: 'a run that read nothing makes messages redundant',
    test: REDUNDANCY_TEST,
    changes: [{ file: REDUNDANCY, text: " || last.outcome === 'failed'", replacement: '' }],
  },
  {
    name: 'a run that died before it sent its continuation is not repeated',
    test: REDUNDANCY_TEST,
    changes: [{ file: REDUNDANCY, text: 'if (tick === last.tick) return false;', replacement: '' }],
  },
  {
    name: 'a message is redundant for as long as a clock was ahead',
    test: REDUNDANCY_TEST,
    changes: [{ file: REDUNDANCY, text: ' || last.started_at > now', replacement: '' }],
  },
  {
    name: 'a start days after its tick makes messages redundant',
    test: REDUNDANCY_TEST,
    changes: [{ file: REDUNDANCY, text: ' || last.started_at - last.tick > longestWait', replacement: '' }],
  },
  {
    name: 'the message of a crashed run is hidden for the visibility timeout',
    test: 'test/integration/worker/redundant-messages.slow.test.ts',
    changes: [
      {
        file: 'shared/worker/dataset-handler.ts',
        text: 'await retryAfterLease(dataset, record, invocation, tools);',
        replacement: '',
      },
    ],
  },
  {
    name: 'a refusal for a removed project is a failure',
    test: 'test/integration/engine/vanished-project.slow.test.ts',
    changes: [
      {
        file: 'shared/engine/target-loop.ts',
        text: '(isGone || this.#context.isVanished) && target.missingSince !== null',
        replacement: 'isGone && target.missingSince !== null && !this.#context.isVanished',
      },
    ],
  },
  {
    name: "a run uses its own clock, even if it is ahead of Atlas's",
    changes: [
      {
        file: TIME,
        text: 'return Math.min(this.#clock.now(), this.latest ?? Number.POSITIVE_INFINITY);',
        replacement: 'return this.#clock.now();',
      },
    ],
  },
  {
    name: 'a cached answer sets the time back',
    test: 'test/unit/atlas/atlas-time.test.ts',
    changes: [{ file: TIME, text: 'if (isEarlier && !this.#doubted) {', replacement: 'if (false) {' }],
  },
  {
    name: 'watermarks in the future stay there',
    test: 'test/integration/engine/future-watermarks.test.ts',
    changes: [
      {
        file: 'shared/engine/future-watermarks.ts',
        text: 'if (!collector.pulledBack || !isFuture(furthest)) continue;',
        replacement: 'if (!collector.pulledBack || isFuture(latest) || latest > 0) continue;',
      },
    ],
  },
  {
    name: 'without the list of clusters nothing is collected',
    test: 'test/integration/engine/optional-inputs.slow.test.ts',
    changes: [
      {
        file: 'shared/sources/processes.ts',
        text: 'if (!isOptionalFailure(error)) throw error;',
        replacement: 'if (isOptionalFailure(error) || error) throw error;',
      },
    ],
  },
  {
    name: 'lists of targets may take the whole time of a run',
    test: 'test/integration/cost-usage/large-organisation.slow.test.ts',
    changes: [
      {
        file: 'shared/engine/run.ts',
        text: 'const LISTING_SHARE = 0.5;',
        replacement: 'const LISTING_SHARE = 2;',
      },
    ],
  },
];
