import type { Mutant } from './mutant.ts';

const CHANGES = 'functions/alerts/alert-changes.ts';
const COLLECT = 'functions/alerts/collector.ts';
const OBSERVED = 'functions/alerts/observed-alerts.ts';
const REQUESTS = 'functions/alerts/item-requests.ts';

/** Planted bugs in the reports of alerts. */
export const ALERT_MUTANTS: readonly Mutant[] = [
  {
    name: 'an alert that is in no list is not requested',
    changes: [
      {
        file: OBSERVED,
        text: 'const missing = open.filter(({ id }) => !alerts.has(id));',
        replacement: 'const missing = open.filter(() => false);',
      },
    ],
  },
  {
    name: 'an alert that opened and closed between two runs is not read',
    changes: [
      {
        file: OBSERVED,
        text: 'note({ items: closed.items.filter((alert) => isOurs(alert, state)) });',
        replacement: 'void closed;\n  void isOurs;',
      },
    ],
  },
  {
    name: 'only alerts in the list of a configuration count as open',
    changes: [
      {
        file: OBSERVED,
        text: "note(await atlas.listAlertsSince(project, 'OPEN', 0));",
        replacement: '',
      },
    ],
  },
  {
    name: 'alerts in the state TRACKING are not listed',
    topic: 'alerts',
    changes: [
      {
        file: OBSERVED,
        text: "note(await atlas.listAlertsSince(project, 'TRACKING', 0));",
        replacement: '',
      },
    ],
  },
  {
    name: 'the list of each configuration is read in every run',
    test: 'test/integration/alerts/requests.slow.test.ts',
    changes: [{ file: OBSERVED, text: 'hasTurn(id, state.watermark, now)', replacement: 'true' }],
  },
  {
    name: 'a run that is late misses the turns of configurations before it',
    test: 'test/unit/alerts/configuration-turns.test.ts',
    changes: [
      {
        file: 'functions/alerts/configuration-turns.ts',
        text: 'return Math.floor((to - phase) / TURN) > Math.floor((from - phase) / TURN);',
        replacement: 'void from;\n  return to - phase - Math.floor((to - phase) / TURN) * TURN < TURN / 48;',
      },
    ],
  },
  {
    name: 'each run numbers the changes of alerts from 1',
    topic: 'alerts',
    changes: [
      {
        file: COLLECT,
        text: '{ ...observation, revision: state.revision + 1 + index }',
        replacement: '{ ...observation, revision: 1 + index }',
      },
    ],
  },
  {
    name: 'the revision of the last change is not stored',
    topic: 'alerts',
    changes: [
      {
        file: 'functions/alerts/state.ts',
        text: '    forgottenTo,\n    revision,\n',
        replacement: '    forgottenTo,\n    revision: Math.min(revision, 0),\n',
      },
    ],
  },
  {
    name: 'the key of an alert contains its collection time',
    test: 'test/integration/sql/natural-keys.test.ts',
    changes: [
      {
        file: 'functions/alerts/tables.ts',
        text: "naturalKey: ['project_id', 'alert_id', 'change', 'revision'],",
        replacement: "naturalKey: ['project_id', 'alert_id', 'change', 'revision', 'collected_at'],",
      },
    ],
  },
  {
    name: 'Parquet is read with the columns of its first file',
    test: 'test/integration/sql/natural-keys.test.ts',
    changes: [{ file: 'cli/duckdb/table-sql.ts', text: 'union_by_name = true, ', replacement: '' }],
  },
  {
    name: 'each run that finds an ended alert reports it again',
    changes: [
      {
        file: CHANGES,
        text: "if (known?.phase === 'ended') return { changes: [], known };",
        replacement: '',
      },
    ],
  },
  {
    name: 'an expired acknowledgement is not reported',
    changes: [
      {
        file: CHANGES,
        text: 'if (acknowledged && until !== null && isOver(until)) turn(false, until);',
        replacement: '',
      },
    ],
  },
  {
    name: 'a status change of an alert is not an update',
    changes: [
      {
        file: CHANGES,
        text: 'if (!ended && known.status !== seen.status) return true;',
        replacement: '',
      },
    ],
  },
  {
    name: 'each evaluation of an alert is an update',
    changes: [{ file: CHANGES, text: '    updated: _updated,\n', replacement: '' }],
  },
  {
    name: 'open alerts that Atlas deleted leave no gap',
    changes: [
      {
        file: COLLECT,
        text: 'gaps: seen.lost.length > 0 ? [lossOf(seen.lost, observation)] : [],',
        replacement:
          'gaps: seen.lost.length > 0 && observation.now < 0 ? [lossOf(seen.lost, observation)] : [],',
      },
    ],
  },
  {
    name: 'a removed configuration is not reported',
    changes: [
      {
        file: COLLECT,
        text: 'const removed = [...known.keys()].filter((id) => !present.has(id) && !unreadable.has(id));',
        replacement:
          'const removed = [...known.keys()].filter((id) => unreadable.has(id) && id.length < 24);',
      },
    ],
  },
  {
    name: 'an alert or configuration that Atlas does not answer for stops the others',
    test: 'test/unit/alerts/unanswered.test.ts',
    changes: [
      {
        file: REQUESTS,
        text: "if (classified.kind !== 'failure') {",
        replacement: "if (classified.kind !== 'failure' || this.failures.length === 0) {",
      },
    ],
  },
  {
    name: 'an alert that Atlas does not answer for counts as deleted',
    test: 'test/unit/alerts/unanswered.test.ts',
    changes: [
      {
        file: OBSERVED,
        text: 'if (alert === GONE) lost.push(id);',
        replacement: 'if (alert === GONE || alert === UNREAD) lost.push(id);',
      },
    ],
  },
  {
    name: 'a configuration that Atlas does not answer for is not requested in the next run',
    test: 'test/unit/alerts/unanswered.test.ts',
    changes: [{ file: OBSERVED, text: '        unread.add(id);\n', replacement: '' }],
  },
  {
    name: 'a run does not report what Atlas did not answer',
    test: 'test/integration/alerts/unanswered.test.ts',
    changes: [{ file: COLLECT, text: 'failures: seen.failures,', replacement: 'failures: [],' }],
  },
];
