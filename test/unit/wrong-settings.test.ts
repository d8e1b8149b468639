import { expect, test } from 'vitest';
import { datasets } from '../../functions/datasets.ts';
import { parseConfig } from '../../shared/config.ts';

const PROJECT = '5efda6aea3f2ed2e7dd6ce00';

const DURATION = 'expected an ISO 8601 duration such as PT25M or P7D';
const STRING = 'Invalid input: expected string, received';
const NAMESPACES = 'expected a whole number from 0 to 100';

/** A setting, a wrong value, and the rest of the message after `datasets.<name>`. */
const WRONG: readonly (readonly [setting: string, value: unknown, message: string])[] = [
  ['enabled', 'yes', '.enabled: Invalid input: expected boolean, received string'],
  ['settle', '10 minutes', `.settle: ${DURATION}`],
  ['settle', 'P3D', '.settle: expected at most P1D'],
  ['settle', 10, `.settle: ${STRING} number`],
  ['settle', null, `.settle: ${STRING} null`],
  ['backfill', 'x', `.backfill: ${DURATION}`],
  ['backfill', 'P3651D', '.backfill: expected at most P3650D'],
  ['granularity', 'PT2M', '.granularity: Invalid option: expected one of "PT10S"|"PT1M"|"PT5M"|"PT1H"'],
  ['measurements', '*', '.measurements: Invalid input: expected array, received string'],
  [
    'measurements',
    ['CONNECTIONS', 'CONECTIONS'],
    '.measurements.1: CONECTIONS matches no measurement; docs/data-dictionary.md lists them',
  ],
  ['overlap', 'x', `.overlap: ${DURATION}`],
  ['overlap', 'PT2H', '.overlap: expected at most PT1H'],
  ['redact', 'no', '.redact: Invalid input: expected boolean, received string'],
  ['maxBytesPerDay', 0, '.maxBytesPerDay: expected a whole number of bytes, at least 1'],
  ['maxBytesPerDay', '1 GB', '.maxBytesPerDay: expected a whole number of bytes, at least 1'],
  ['namespaces', -1, `.namespaces: ${NAMESPACES}`],
  ['namespaces', 1.5, `.namespaces: ${NAMESPACES}`],
  ['namespaces', '10', `.namespaces: ${NAMESPACES}`],
  ['resources', 1, '.resources: Invalid input: expected object, received number'],
  ['resources', { cluster: {} }, '.resources: Unrecognized key: "cluster"'],
  [
    'resources',
    { sample_dataset_load: { p: [] } },
    '.resources.sample_dataset_load.p: Invalid key in record',
  ],
  [
    'resources',
    { migration_validation: { [PROJECT]: ['q'] } },
    `.resources.migration_validation.${PROJECT}.0: expected an id of 24 hexadecimal digits`,
  ],
  ['every_day', 1, ': Unrecognized key: "every_day"'],
  ['__proto__', { settle: 'PT1M' }, ': Unrecognized key: "__proto__"'],
];

/** Values that the datasets with the setting accept. */
const RIGHT = {
  settle: 'PT5M',
  backfill: 'P1D',
  granularity: 'PT5M',
  measurements: ['*_NORMALIZED_CPU_*', 'CONNECTIONS'],
  overlap: 'PT3M',
  redact: false,
  maxBytesPerDay: 5_000_000,
  namespaces: 5,
  resources: { sample_dataset_load: { [PROJECT]: [PROJECT] } },
};

const SETTINGS: Readonly<Record<string, readonly (keyof typeof RIGHT)[]>> = {
  database_measurements: ['settle', 'backfill', 'granularity'],
  disk_measurements: ['settle', 'backfill', 'granularity'],
  process_measurements: ['settle', 'backfill', 'granularity', 'measurements'],
  search_measurements: ['settle', 'backfill', 'granularity'],
  ranked_namespaces: ['settle', 'backfill', 'namespaces'],
  access_logs: ['settle', 'backfill', 'overlap'],
  slow_queries: ['settle', 'backfill', 'overlap', 'redact'],
  index_suggestions: ['settle', 'backfill'],
  query_shapes: ['settle', 'backfill'],
  alerts: [],
  events: ['settle', 'backfill', 'overlap'],
  inventory: ['resources'],
  cost_usage: ['backfill'],
  host_logs: ['settle', 'backfill', 'overlap', 'maxBytesPerDay'],
  audit_logs: ['settle', 'backfill', 'overlap', 'maxBytesPerDay'],
};

function messageOf(name: string, settings: object): string | null {
  try {
    parseConfig({ datasets: { [name]: settings } }, datasets);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('the test has the settings of every dataset', () => {
  expect(Object.keys(SETTINGS)).toEqual(datasets.map(({ name }) => name));
});

test.each(Object.keys(SETTINGS))('%s names a wrong value of any setting', (name) => {
  for (const [setting, value, message] of WRONG) {
    const written: unknown = JSON.parse(`{${JSON.stringify(setting)}:${JSON.stringify(value)}}`);
    expect(messageOf(name, Object(written))).toBe(`datasets.${name}${message}`);
  }
});

test.each(Object.entries(SETTINGS))(
  '%s accepts its own settings and rejects those of others',
  (name, own) => {
    for (const [setting, value] of Object.entries(RIGHT)) {
      const isOwn = own.some((known) => known === setting);
      const known = ['enabled', ...own].join(', ');
      const refusal = `datasets.${name}.${setting}: ${name} has no such setting; it has ${known}`;
      expect(messageOf(name, { [setting]: value })).toBe(isOwn ? null : refusal);
    }
  },
);

test('the first wrong setting is named, in the order of the documentation', () => {
  expect(messageOf('disk_measurements', { colour: 1, granularity: 'PT2M', settle: 'x' })).toBe(
    `datasets.disk_measurements.settle: ${DURATION}`,
  );
  expect(messageOf('disk_measurements', { overlap: 'PT1M', colour: 1 })).toBe(
    'datasets.disk_measurements: Unrecognized key: "colour"',
  );
});
