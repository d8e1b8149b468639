import { describe, expect, test } from 'vitest';
import { datasets } from '../../functions/datasets.ts';
import { isEnabled, parseConfig, parseFunctionConfig, settingsFor } from '../../shared/config.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../shared/durations.ts';
import { parseDuration } from '../../shared/iso-duration.ts';

describe('durations', () => {
  test.each([
    ['PT25M', 25 * MINUTE],
    ['P7D', 7 * DAY],
    ['P1DT2H3M4S', DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND],
    ['PT0S', 0],
  ])('%s', (text, expected) => expect(parseDuration(text)).toBe(expected));

  test.each(['', 'P', 'PT', 'P1DT', '25M', 'PT-5M', 'PT1.5H', 'P1M', 'pt5m', 'PT5M '])(
    '%j is not a duration',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('the configuration', () => {
  test('may be empty', () => {
    const config = parseConfig({}, datasets);
    expect(config).toEqual({
      excludeProjects: [],
      credentials: [],
      rateReserve: 0.2,
      compression: 'gzip',
      datasets: {},
      redact: {},
    });
    for (const dataset of datasets) {
      expect(isEnabled(dataset, config)).toBe(!dataset.isOptional);
      expect(settingsFor(dataset, config)).toEqual(dataset.defaults);
    }
  });

  test('changes only what it names', () => {
    const config = parseConfig(
      { datasets: { disk_measurements: { enabled: false, settle: 'PT30M', granularity: 'PT5M' } } },
      datasets,
    );
    const [databases, disks] = datasets;
    if (!databases || !disks) throw new Error('datasets are missing');
    expect(settingsFor(databases, config)).toEqual(databases.defaults);
    expect(settingsFor(disks, config)).toEqual({
      settle: 30 * MINUTE,
      backfill: 48 * HOUR,
      granularity: 'PT5M',
    });
    expect(isEnabled(disks, config)).toBe(false);
  });

  test.each([
    [null, 'the configuration: '],
    [{ project: [] }, 'project'],
    [{ projects: ['123'] }, 'projects.0: expected a project id'],
    [{ projects: [] }, 'projects: '],
    [{ credentials: ['Acme'] }, 'credentials.0: expected a lower-case letter'],
    [{ credentials: ['acme', 'acme'] }, 'credentials: expected each name once'],
    [{ rateReserve: 1 }, 'rateReserve: '],
    [{ rateReserve: '20%' }, 'rateReserve: '],
    [{ datasets: { tables: {} } }, 'datasets.tables: no such dataset; there are database_measurements'],
    [
      { datasets: { disk_measurements: { settle: '10 minutes' } } },
      'datasets.disk_measurements.settle: expected an',
    ],
    [
      { datasets: { disk_measurements: { settle: 'P3D' } } },
      'datasets.disk_measurements.settle: expected at most',
    ],
    [
      { datasets: { disk_measurements: { granularity: 'PT2M' } } },
      'datasets.disk_measurements.granularity: ',
    ],
    [{ datasets: { disk_measurements: { every: 5 } } }, 'datasets.disk_measurements: '],
    [{ redact: { logs: {} } }, 'redact.logs: no such table; there are database_measurements'],
    [
      { redact: { access_logs: { record_id: 'hash' } } },
      'redact.access_logs.record_id: not a column that can be withheld; ',
    ],
    [{ redact: { access_logs: { username: 'mask' } } }, 'redact.access_logs.username: '],
    ...[-1, 1.5, 101, '10', null].map((namespaces): [unknown, string] => [
      { datasets: { ranked_namespaces: { namespaces } } },
      'datasets.ranked_namespaces.namespaces: expected a whole number from 0 to 100',
    ]),
  ])('%j is rejected with one line that names the field', (input, message) => {
    let thrown: unknown;
    try {
      parseConfig(input, datasets);
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof Error)) throw new Error('it was accepted');
    expect(thrown.name).toBe('ConfigError');
    expect(thrown.message).toContain(message);
    expect(thrown.message).not.toContain('\n');
  });

  test('of a function names its queues', () => {
    const config = parseFunctionConfig({ queues: { disk_measurements: 'https://sqs.example/1/q.fifo' } });
    expect(config.queues['disk_measurements']).toBe('https://sqs.example/1/q.fifo');
    expect(() => parseFunctionConfig({})).toThrow('queues');
  });
});
