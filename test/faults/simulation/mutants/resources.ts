import type { Mutant } from './mutant.ts';

const COSTS = 'functions/cost-usage/collector.ts';
const CHANGES = 'functions/inventory/changes.ts';
const LISTINGS = 'functions/inventory/listings.ts';
const CATALOGUE = 'functions/inventory/catalogue';
const COLLECTOR = 'functions/inventory/collector.ts';
const MONTHS = 'functions/cost-usage/months.ts';

/** The test of when lists are read. */
const SCHEDULE_TEST = 'test/integration/inventory/schedule.slow.test.ts';

/** The test of resources that are listed by others. */
const PARENTS_TEST = 'test/integration/inventory/parents.test.ts';

/** Planted bugs in the comparison of lists of resources, and of amounts. */
export const RESOURCE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a removed resource is not reported',
    topic: 'resources',
    changes: [
      {
        file: CHANGES,
        text: "changes.push({ change: 'removed', id, name, hash, document: null, changedFields: null });",
        replacement: '',
      },
    ],
  },
  {
    name: 'each list numbers the changes of resources from 1',
    topic: 'resources',
    changes: [
      {
        file: COLLECTOR,
        text: 'const revision = target.state.revision + (changes.length > 0 ? 1 : 0);',
        replacement: 'const revision = 1;',
      },
    ],
  },
  {
    name: 'each answer numbers the changes of amounts from 1',
    topic: 'resources',
    changes: [
      {
        file: COSTS,
        text: 'const revision = state.revision + (changes.length > 0 ? 1 : 0);',
        replacement: 'const revision = 1;',
      },
    ],
  },
  {
    name: 'a failed list counts as empty',
    topic: 'resources',
    changes: [
      {
        file: COLLECTOR,
        text: "if (type.response === 'document' && isAbsent(error)) documents = wholeListing([]);",
        replacement: 'if (!isRefused(error) || isAbsent(error)) documents = wholeListing([]);',
      },
    ],
  },
  {
    name: 'a resource that is written whole again counts as changed',
    topic: 'resources',
    changes: [
      {
        file: CHANGES,
        text: "else if (snapshotDue) changes.push({ ...row, change: 'snapshot' });",
        replacement: "else if (snapshotDue) changes.push({ ...row, change: 'changed' });",
      },
    ],
  },
  {
    name: 'a changed resource is compared with its first version',
    topic: 'resources',
    changes: [
      {
        file: CHANGES,
        text: 'resources.set(id, { name, hash, fields, missingSince: null });',
        replacement: 'resources.set(id, { name, hash: before?.hash ?? hash, fields, missingSince: null });',
      },
    ],
  },
  {
    name: 'a month is closed when it ends',
    topic: 'resources',
    changes: [
      {
        file: MONTHS,
        text: 'while (monthAfter(open) + closedAfter <= now)',
        replacement: 'while (monthAfter(open) + 0 * closedAfter <= now)',
      },
    ],
  },
  {
    name: 'amounts are compared with those of the first run',
    topic: 'resources',
    changes: [
      {
        file: MONTHS,
        text: 'const kept = [...current].filter',
        replacement: 'const kept = [...new Map([...current, ...amounts])].filter',
      },
    ],
  },
  {
    name: 'a kind of list is never requested',
    topic: 'resources',
    changes: [
      {
        file: COLLECTOR,
        text: 'return wholeListing([...types.keys()].map(',
        replacement: 'return wholeListing([...types.keys()].slice(0, -1).map(',
      },
    ],
  },
  {
    name: 'users of one name in two databases count as one',
    topic: 'resources',
    changes: [
      {
        file: `${CATALOGUE}/access.ts`,
        text: "id: { all: ['databaseName', 'username'] },",
        replacement: "id: 'username',",
      },
    ],
  },
  {
    name: 'entries of the access list are identified by their address only',
    topic: 'resources',
    changes: [
      {
        file: `${CATALOGUE}/security.ts`,
        text: "id: { first: ['cidrBlock', 'awsSecurityGroup', 'ipAddress'] },",
        replacement: "id: { first: ['ipAddress', 'cidrBlock', 'awsSecurityGroup'] },",
      },
    ],
  },
  {
    name: 'a document about credentials is kept as a whole',
    topic: 'resources',
    changes: [
      {
        file: 'functions/inventory/content.ts',
        text: "type.keep ? onlyFields(document, type.keep, '') : document",
        replacement: 'document',
      },
    ],
  },
  {
    name: 'a daily list is read once',
    topic: 'resources',
    changes: [
      {
        file: `${CATALOGUE}/schedule.ts`,
        text: "return read === 'daily' ? DAY - HOUR : 0;",
        replacement: "return read === 'daily' ? 1_000 * DAY - HOUR : 0;",
      },
    ],
  },
  {
    name: 'a daily list is read at each tick',
    test: SCHEDULE_TEST,
    changes: [
      {
        file: `${CATALOGUE}/schedule.ts`,
        text: "return read === 'daily' ? DAY - HOUR : 0;",
        replacement: "return read === 'daily' ? DAY - DAY + 0 * HOUR : 0;",
      },
    ],
  },
  {
    name: 'a daily list that lacked a resource waits for the next day',
    test: SCHEDULE_TEST,
    changes: [
      {
        file: CHANGES,
        text: 'return [...resources.values()].some(({ missingSince }) => missingSince !== null);',
        replacement: 'return resources.size < 0;',
      },
    ],
  },
  {
    name: 'a run counts as late because a daily list is not due',
    test: SCHEDULE_TEST,
    changes: [
      {
        file: 'shared/engine/dataset.ts',
        text: 'return Math.max(watermark, Math.min(watermark + restMs, tick));',
        replacement: 'return Math.min(watermark, watermark + restMs, tick);',
      },
    ],
  },
  {
    name: 'the snapshots of sharded clusters are never requested',
    topic: 'resources',
    changes: [
      {
        file: `${CATALOGUE}/backups.ts`,
        text: "parents: kind('SHARDED', 'GEOSHARDED'),",
        replacement: "parents: kind('GEOSHARDED'),",
      },
    ],
  },
  {
    name: 'the list of one kind of clusters is requested for all clusters',
    test: SCHEDULE_TEST,
    changes: [
      {
        file: LISTINGS,
        text: 'return where === undefined || where.values.some',
        replacement: 'return where !== null || [].some',
      },
    ],
  },
  {
    name: 'a list of parents that cannot be read counts as empty',
    test: PARENTS_TEST,
    changes: [
      {
        file: LISTINGS,
        text: 'if (!isRefused(error)) failures.push(error);\n        hasUnknown = true;',
        replacement: 'if (!isRefused(error)) failures.push(error);',
      },
    ],
  },
  {
    name: 'a list of parents that cannot be read hides what other lists have',
    test: PARENTS_TEST,
    changes: [
      {
        file: LISTINGS,
        text: "if (classifyError(error).kind !== 'failure') throw error;",
        replacement: 'if (classifyError(error)) throw error;',
      },
    ],
  },
  {
    name: 'a parent without a readable name is not reported',
    test: PARENTS_TEST,
    changes: [
      {
        file: LISTINGS,
        text: 'for (const document of unreported) this.#unnamed.add(document);',
        replacement: 'unreported.length = 0;',
      },
    ],
  },
  {
    name: 'the costs of clusters are never requested',
    topic: 'resources',
    changes: [
      {
        file: COSTS,
        text: 'id !== null && clustersById.get(id)?.length === 1',
        replacement: 'id === null',
      },
    ],
  },
  {
    name: 'an empty id of a cluster stands for its project',
    test: 'test/integration/engine/unreadable-items.slow.test.ts',
    changes: [
      {
        file: 'shared/atlas/schemas/discovery.ts',
        text: 'id: clusterId.nullish(),',
        replacement: 'id: z.string().nullish(),',
      },
    ],
  },
  {
    name: 'the costs of two clusters with one id are read twice',
    test: 'test/integration/engine/unreadable-items.slow.test.ts',
    changes: [
      {
        file: COSTS,
        text: 'id !== null && clustersById.get(id)?.length === 1',
        replacement: 'id !== null',
      },
    ],
  },
];
