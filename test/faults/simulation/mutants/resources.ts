import type { Mutant } from './mutant.ts';

const COSTS = 'functions/cost-usage/collector.ts';
const CHANGES = 'functions/inventory/changes.ts';
const COLLECTOR = 'functions/inventory/collector.ts';
const MONTHS = 'functions/cost-usage/months.ts';

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
        text: 'while (monthAfter(open) + CLOSED_AFTER <= now)',
        replacement: 'while (monthAfter(open) + 0 * CLOSED_AFTER <= now)',
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
    name: 'the costs of clusters are never requested',
    topic: 'resources',
    changes: [
      {
        file: COSTS,
        text: '    id === null ? [] : [[project, id, name]',
        replacement: '    id !== null ? [] : [[project, id, name]',
      },
    ],
  },
];
