import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { HOUR, MINUTE, SECOND } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { highest, summed, tickPeriod } from './metrics.ts';

/** The sections of docs/runbook.md: what an alarm means, how to look, what to do. */
export type RunbookSection =
  | 'errors'
  | 'dead-letters'
  | 'did-not-run'
  | 'failed-runs'
  | 'lag'
  | 'throttling'
  | 'refused'
  | 'unreadable'
  | 'unlisted'
  | 'gaps';

interface Rule {
  id: string;
  section: RunbookSection;
  says: string;
  metric: IMetric;
  threshold: number;
  /** Default: at this value and above it. */
  comparison?: ComparisonOperator;
  /** So many periods in a row. */
  periods?: number;
  missing?: TreatMissingData;
}

/** One deployed dataset. */
export interface WatchedDataset {
  dataset: DatasetDeclaration;
  /** The settling delay that is configured, ms; 0 for a dataset without one. */
  settle: number;
  function: IFunction;
  deadLetters: IQueue;
}

export interface AlarmsProps {
  datasets: readonly WatchedDataset[];
  dispatch: IFunction;
  deadTicks: IQueue;
  /** Where alarms are sent. */
  actions: readonly IAlarmAction[];
}

const EVERY_HOUR = Duration.hours(1);

/** A crash is tried again, and the protocol takes care of it; so many in an hour are no accident. */
const CRASHES_AN_HOUR = 3;

/** Per cent of requests that were held back, hour after hour: the rest of the bucket is not enough. */
const THROTTLED_SHARE = 25;

/** What is watched, all in one list: each alarm leads to its section of the runbook. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { datasets, dispatch, deadTicks, actions }: AlarmsProps) {
    super(scope, id);
    const rules = [...datasets.flatMap(datasetRules), ...dispatchRules(dispatch, deadTicks)];
    for (const rule of rules) {
      const alarm = new Alarm(this, rule.id, {
        alarmDescription: `${rule.says} See docs/runbook.md#${rule.section}`,
        metric: rule.metric,
        threshold: rule.threshold,
        comparisonOperator: rule.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: rule.periods ?? 1,
        treatMissingData: rule.missing ?? TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(...actions);
    }
  }
}

function datasetRules({ dataset, settle, function: collector, deadLetters }: WatchedDataset): Rule[] {
  const { name, everyMinutes } = dataset;
  const period = tickPeriod(dataset);
  // A mark stands at the settled time, up to a granule or an hour behind it; then three ticks may go wrong.
  const lag = settle + HOUR + 3 * everyMinutes * MINUTE;
  return [
    {
      // What Lambda counts: time limit, memory, a bundle that does not load.
      id: `${name}-errors`,
      section: 'errors',
      says: `The function of ${name} fails.`,
      metric: collector.metricErrors({ period: EVERY_HOUR }),
      threshold: CRASHES_AN_HOUR,
    },
    {
      // What the function caught. Not one alarm with the other by arithmetic, which is void where a metric has no values.
      id: `${name}-crashes`,
      section: 'errors',
      says: `Runs of ${name} crash.`,
      metric: summed(dataset, 'Crashes', EVERY_HOUR),
      threshold: CRASHES_AN_HOUR,
    },
    deadLetterRule(`${name}-dead-letters`, `Runs of ${name} were given up.`, deadLetters),
    {
      id: `${name}-did-not-run`,
      section: 'did-not-run',
      says: `No run of ${name} has got anywhere for three ticks.`,
      metric: summed(dataset, 'Runs', period),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      periods: 3,
      // A run that did not finish says nothing.
      missing: TreatMissingData.BREACHING,
    },
    {
      id: `${name}-failed-runs`,
      section: 'failed-runs',
      says: `${name} of some project could not ask Atlas for an hour.`,
      metric: summed(dataset, 'FailedRuns', period),
      threshold: 1,
      // An outage of Atlas passes; three ticks at least, and an hour.
      periods: Math.max(3, Math.ceil(EVERY_HOUR.toMinutes() / period.toMinutes())),
    },
    {
      id: `${name}-lag`,
      section: 'lag',
      says: `${name} of some project is further behind than ${Math.round(lag / MINUTE)} minutes.`,
      metric: highest(dataset, 'Lag', period),
      threshold: lag / SECOND,
      periods: 3,
      // Where nothing runs, nothing is known: another alarm says so.
      missing: TreatMissingData.IGNORE,
    },
    {
      id: `${name}-throttling`,
      section: 'throttling',
      says: `Atlas's rate limits hold ${name} back.`,
      metric: new MathExpression({
        expression: '100 * throttled / (requests + throttled)',
        usingMetrics: {
          throttled: summed(dataset, 'Throttled', EVERY_HOUR),
          requests: summed(dataset, 'Requests', EVERY_HOUR),
        },
        period: EVERY_HOUR,
        label: `per cent of ${name} held back`,
      }),
      threshold: THROTTLED_SHARE,
      periods: 3,
    },
    {
      id: `${name}-refused`,
      section: 'refused',
      says: `Atlas refuses the credentials for ${name}, or there are none.`,
      metric: summed(dataset, 'Refusals', period),
      threshold: 1,
      periods: 2,
    },
    {
      id: `${name}-unreadable`,
      section: 'unreadable',
      says: `Atlas gives ${name} items in a form that cannot be read.`,
      metric: summed(dataset, 'UnreadableItems', period),
      threshold: 1,
      // One bad answer passes.
      periods: 3,
    },
    {
      id: `${name}-unlisted`,
      section: 'unlisted',
      says: `A project or organisation with data of ${name} is not in Atlas's list any more.`,
      metric: highest(dataset, 'Unlisted', period),
      threshold: 1,
      // A page of the list that is missing once is no reason to wake anybody.
      periods: 3,
    },
    {
      id: `${name}-gaps`,
      section: 'gaps',
      says: `Values of ${name} are lost for good.`,
      metric: summed(dataset, 'Gaps', EVERY_HOUR),
      threshold: 1,
    },
  ];
}

function dispatchRules(dispatch: IFunction, deadTicks: IQueue): Rule[] {
  return [
    {
      id: 'dispatch-errors',
      section: 'errors',
      says: 'Ticks cannot be handed to the projects.',
      metric: dispatch.metricErrors({ period: EVERY_HOUR }),
      threshold: CRASHES_AN_HOUR,
    },
    deadLetterRule('dead-ticks', 'Ticks were given up.', deadTicks),
  ];
}

function deadLetterRule(id: string, says: string, queue: IQueue): Rule {
  return {
    id,
    section: 'dead-letters',
    says,
    metric: queue.metricApproximateNumberOfMessagesVisible({
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(5),
    }),
    threshold: 1,
  };
}
