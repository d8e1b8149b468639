import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { datasets } from '../../functions/datasets.ts';
import { PUBLICATION_METRICS } from '../../shared/publication/metrics.ts';
import { METRICS } from '../../shared/worker/metrics.ts';
import { alarmMetrics } from '../bench/cost/shared-costs.ts';
import { dispatchOf, partsOf } from './collector-parts.ts';
import {
  ALL_ENABLED,
  environmentOf,
  type ParsedTemplate,
  type Resource,
  resolve,
  synthesize,
} from './templates.ts';

const { collector, analysis } = synthesize({
  ...ALL_ENABLED,
  alarms: { email: 'data-team@example.com' },
});

const dimensions = z.array(z.object({ Name: z.string(), Value: z.unknown().transform(resolve) })).default([]);

const metricSchema = z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions });

const alarmSchema = z.object({
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()).default([]),
  TreatMissingData: z.string(),
  ComparisonOperator: z.string(),
  EvaluationPeriods: z.number(),
  Threshold: z.number(),
  Period: z.number().optional(),
  Metrics: z
    .array(
      z.object({
        Expression: z.string().optional(),
        MetricStat: z.object({ Metric: metricSchema, Period: z.number() }).optional(),
      }),
    )
    .optional(),
});

interface ReadAlarm {
  id: string;
  section: string;
  properties: z.infer<typeof alarmSchema>;
  /** Its metrics, as `namespace/name dimension=value`. */
  metrics: string[];
  periods: number[];
}

function readAlarm({ id, Properties }: Resource): ReadAlarm {
  const properties = alarmSchema.parse(Properties);
  const parts = (properties.Metrics ?? []).flatMap(({ MetricStat }) => MetricStat ?? []);
  const metrics = properties.Metrics ? parts.map(({ Metric }) => Metric) : [metricSchema.parse(Properties)];
  const periods = [...parts.map(({ Period }) => Period), ...(properties.Period ? [properties.Period] : [])];
  const section = /See docs\/runbook\.md#([a-z-]+)$/.exec(properties.AlarmDescription)?.[1] ?? 'none';
  const named = metrics.map(
    ({ Namespace, MetricName, Dimensions }) =>
      `${Namespace}/${MetricName} ${Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(' ')}`,
  );
  return { id, section, properties, metrics: named, periods };
}

const alarms = collector.ofType('AWS::CloudWatch::Alarm').map(readAlarm);

/** Returns the alarms on a dataset's metric of the collector. */
function watching(dataset: string, metric: keyof typeof METRICS): ReadAlarm[] {
  return alarms.filter(({ metrics }) => metrics.includes(`AtlasLake/${metric} dataset=${dataset}`));
}

describe.each(datasets)('$name', (dataset) => {
  const { name, everyMinutes, defaults } = dataset;
  const parts = partsOf(collector, name);

  test.each([
    ['errors', 'Crashes'],
    ['did-not-run', 'Runs'],
    ['coverage', 'Served'],
    ['coverage', 'Dispatched'],
    ['failed-runs', 'FailedRuns'],
    ['lag', 'Lag'],
    ['throttling', 'Throttled'],
    ['refused', 'Refusals'],
    ['unreadable', 'UnreadableItems'],
    ['unlisted', 'Unlisted'],
    ['gaps', 'Gaps'],
  ] as const)('has an alarm for %s', (section, metric) => {
    expect(watching(name, metric).map((alarm) => alarm.section)).toEqual([section]);
  });

  test("has an alarm for Lambda's error metric", () => {
    const counted = new RegExp(`^AWS/Lambda/Errors FunctionName=\\S+${parts.function.id}$`);
    const own = alarms.filter(({ metrics }) => metrics.some((metric) => counted.test(metric)));
    expect(own.map(({ section }) => section)).toEqual(['errors']);
  });

  test('raises errors if Lambda ends each run of one project', () => {
    const [alarm] = alarms.filter(({ metrics }) =>
      metrics.some((metric) => metric.startsWith('AWS/Lambda/Errors') && metric.endsWith(parts.function.id)),
    );
    const hidden = z.number().parse(parts.queue.Properties['VisibilityTimeout']);
    expect(alarm?.periods).toEqual([3600]);
    expect(alarm?.properties.Threshold).toBeLessThanOrEqual(Math.floor(3600 / hidden));
  });

  test('has an alarm for its own dead-letter queue', () => {
    const own = alarms.filter(({ metrics }) =>
      metrics.some(
        (metric) =>
          metric.startsWith('AWS/SQS/ApproximateNumberOfMessagesVisible') &&
          metric.includes(parts.deadLetters.id),
      ),
    );
    expect(own.map(({ section }) => section)).toEqual(['dead-letters']);
    expect(own[0]?.properties.Threshold).toBe(1);
  });

  test('has an alarm for messages that wait longer than for a rate limit, before they expire', () => {
    const [waiting, ...others] = alarms.filter(({ metrics }) =>
      metrics.some(
        (metric) =>
          metric.startsWith('AWS/SQS/ApproximateAgeOfOldestMessage') && metric.includes(parts.queue.id),
      ),
    );
    expect(others).toEqual([]);
    expect(waiting?.section).toBe('waiting');
    const { Threshold = 0, EvaluationPeriods = 0 } = waiting?.properties ?? {};
    const kept = z.number().parse(parts.queue.Properties['MessageRetentionPeriod']);
    expect(Threshold).toBeGreaterThan(3600);
    expect(Threshold + EvaluationPeriods * (waiting?.periods[0] ?? 0)).toBeLessThan(kept);
  });

  test('compares served with sent messages over whole ticks', () => {
    const [alarm] = watching(name, 'Served');
    expect(alarm?.periods).toEqual([1, 1].map(() => Math.max(everyMinutes, 60) * 60));
    expect(alarm?.properties.Metrics?.flatMap(({ Expression }) => Expression ?? [])).toEqual([
      '100 * FILL(served, 0) / dispatched',
    ]);
    expect(alarm?.properties).toMatchObject({ ComparisonOperator: 'LessThanThreshold', Threshold: 90 });
  });

  test('raises did-not-run after three ticks without a run or without data', () => {
    const [alarm] = watching(name, 'Runs');
    expect(alarm?.properties).toMatchObject({
      TreatMissingData: 'breaching',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
    });
    expect(alarm?.properties.EvaluationPeriods).toBe(3);
    expect(alarm?.periods).toEqual([Math.max(everyMinutes, 5) * 60]);
  });

  test('raises no alarm for an outage of Atlas shorter than an hour', () => {
    const [alarm] = watching(name, 'FailedRuns');
    const seconds = (alarm?.periods[0] ?? 0) * (alarm?.properties.EvaluationPeriods ?? 0);
    expect(seconds).toBeGreaterThanOrEqual(3600);
    expect(alarm?.properties.TreatMissingData).toBe('notBreaching');
  });

  test('tolerates the expected lag and raises an alarm long before data is lost', () => {
    const threshold = watching(name, 'Lag')[0]?.properties.Threshold ?? 0;
    const expected = (defaults.settle ?? 0) / 1000 + 3600 + everyMinutes * 60;
    expect(threshold).toBeGreaterThan(expected);
    expect(threshold).toBeLessThan(24 * 3600 + everyMinutes * 180);
  });
});

test('alarms evaluate at most a day, or at most a week with hourly periods, as CloudWatch requires', () => {
  for (const { id, periods, properties } of alarms) {
    for (const period of periods) {
      expect([id, period % 60]).toEqual([id, 0]);
      const most = period % 3600 === 0 ? 7 * 24 * 3600 : 24 * 3600;
      expect([id, period * properties.EvaluationPeriods <= most]).toEqual([id, true]);
    }
  }
});

test('every alarm on a metric of the collector uses a published metric', () => {
  const published = Object.keys(METRICS);
  const named = alarms.flatMap(({ metrics }) => metrics.filter((metric) => metric.startsWith('AtlasLake/')));
  expect(named.length).toBeGreaterThan(0);
  for (const metric of named) expect(published).toContain(/^AtlasLake\/(\w+) /.exec(metric)?.[1]);
});

test('the cost model counts each metric that an alarm of a default deployment reads, as CloudWatch bills them', () => {
  const templates = synthesize();
  const read = (template: ParsedTemplate) =>
    template.ofType('AWS::CloudWatch::Alarm').flatMap((alarm) => readAlarm(alarm).metrics).length;
  const enabled = datasets.filter(({ isOptional }) => !isOptional);
  expect({ collector: read(templates.collector), publication: read(templates.analysis) }).toEqual(
    alarmMetrics(enabled.length),
  );
});

test('every alarm has a section in the runbook, and every section has an alarm', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const [ofAlarms = ''] = runbook.split(/^## Procedures$/m);
  const sections = ofAlarms.split(/^## /m).slice(1);
  const names = sections.map((section) => section.slice(0, section.indexOf('\n')));
  const all = [...alarms, ...analysis.ofType('AWS::CloudWatch::Alarm').map(readAlarm)];
  expect([...new Set(all.map(({ section }) => section))].sort()).toEqual(names.sort());
  for (const { properties } of all) expect(properties.AlarmActions).toHaveLength(1);
  for (const section of sections) {
    for (const part of ['**Means.**', '**Look.**', '**Do.**']) expect(section).toContain(part);
  }
});

test('dispatch has alarms for errors and dead letters', () => {
  const ofDispatch = alarms.filter(({ id }) => /dispatch|deadticks/.test(id));
  expect(ofDispatch.map(({ section }) => section).sort()).toEqual(['dead-letters', 'errors']);
});

test('each credential that the configuration names has an alarm on its own refusals', () => {
  const { collector: named } = synthesize({ credentials: ['acme', 'globex-eu'] });
  const own = named
    .ofType('AWS::CloudWatch::Alarm')
    .map(readAlarm)
    .filter(({ metrics }) => metrics.some((metric) => metric.includes('credential=')));
  expect(own.map(({ metrics, section }) => [...metrics, section])).toEqual([
    ['AtlasLake/Refusals credential=acme', 'refused'],
    ['AtlasLake/Refusals credential=globex-eu', 'refused'],
  ]);
  for (const { properties } of own)
    expect(properties).toMatchObject({ TreatMissingData: 'notBreaching', EvaluationPeriods: 1 });
  expect(environmentOf(dispatchOf(named))['COLLECTOR_CONFIG']).toContain('globex-eu');
});

test.each([
  ['the most frequent dataset has a tick every 5 minutes', {}, 60, 2],
  ['every dataset has an hourly tick', { every: 'PT1H' }, 2 * 60, 2],
  ['every dataset has a tick twice a day', { every: 'PT12H' }, 24 * 60, 2],
  ['every dataset has a daily tick', { every: 'P1D' }, 24 * 60, 1],
])('the alarm of a credential can ring if %s', (_, schedule, minutes, threshold) => {
  const all = Object.fromEntries(datasets.map(({ name }) => [name, schedule]));
  const { collector: named } = synthesize({ credentials: ['acme'], datasets: all });
  const own = named
    .ofType('AWS::CloudWatch::Alarm')
    .map(readAlarm)
    .filter(({ metrics }) => metrics.some((metric) => metric.includes('credential=')));
  expect(own.map(({ periods, properties }) => [...periods, properties.Threshold])).toEqual([
    [minutes * 60, threshold],
  ]);
});

test('a disabled dataset has no alarms', () => {
  const [first, ...others] = datasets.filter(({ isOptional }) => !isOptional);
  if (!first) throw new Error('there is no dataset');
  const { collector: without } = synthesize({ datasets: { [first.name]: { enabled: false } } });
  const ids = without.ofType('AWS::CloudWatch::Alarm').map(({ id }) => id);
  const compact = (name: string) => name.replaceAll('_', '');
  for (const { name } of [first, ...datasets.filter(({ isOptional }) => isOptional)])
    expect(ids.filter((id) => id.includes(compact(name)))).toEqual([]);
  for (const { name } of others) expect(ids.some((id) => id.includes(compact(name)))).toBe(true);
});

describe('alarm actions', () => {
  test('send email through a topic that requires TLS and that only CloudWatch in this account may use', () => {
    const [topic] = collector.ofType('AWS::SNS::Topic');
    for (const { properties } of alarms) expect(properties.AlarmActions).toEqual([{ Ref: topic?.id }]);
    expect(collector.ofType('AWS::SNS::Subscription')[0]?.Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'data-team@example.com',
    });
    const [policy] = collector.ofType('AWS::SNS::TopicPolicy');
    expect(JSON.stringify(policy?.Properties)).toContain('"Service":"cloudwatch.amazonaws.com"');
    expect(JSON.stringify(policy?.Properties)).toContain('"aws:SecureTransport":"false"');
  });

  test('use a configured topic', () => {
    const topicArn = 'arn:aws:sns:us-east-1:123456789012:operations';
    const { collector: other } = synthesize({ alarms: { topicArn } });
    expect(other.ofType('AWS::SNS::Topic')).toEqual([]);
    for (const { Properties } of other.ofType('AWS::CloudWatch::Alarm')) {
      expect(Properties['AlarmActions']).toEqual([topicArn]);
    }
  });

  test('are absent without configuration', () => {
    const { collector: quiet } = synthesize();
    for (const { Properties } of quiet.ofType('AWS::CloudWatch::Alarm')) {
      expect(Properties).not.toHaveProperty('AlarmActions');
    }
  });
});

describe('the dashboard', () => {
  const [dashboard, ...others] = collector.ofType('AWS::CloudWatch::Dashboard');
  const body = resolve(dashboard?.Properties['DashboardBody']);

  test('shows how far the publication is, and each of its metrics', () => {
    for (const metric of Object.keys(PUBLICATION_METRICS)) expect(body).toContain(`"${metric}"`);
  });

  test('is the only one', () => expect(others).toEqual([]));

  test.each(datasets)(
    'shows lag, messages, rows, requests, throttled requests and cost drivers of $name',
    ({ name }) => {
      for (const metric of ['Lag', 'Dispatched', 'Served', 'Rows', 'Requests', 'Throttled', 'Bytes']) {
        expect(body.includes(`["AtlasLake","${metric}","dataset","${name}"`)).toBe(true);
      }
      expect(body.includes(partsOf(collector, name).queue.id)).toBe(true);
      expect(body.includes(partsOf(collector, name).function.id)).toBe(true);
    },
  );
});
