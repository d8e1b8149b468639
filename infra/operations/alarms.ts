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
import { DAY, HOUR, MINUTE, SECOND } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { allowedLag } from '../../shared/engine/lateness.ts';
import { type CollectorMetrics, tickPeriod } from './metrics.ts';

/** The sections of docs/runbook.md. Each explains what an alarm means, where to look and what to do. */
export type RunbookSection =
  | 'errors'
  | 'dead-letters'
  | 'did-not-run'
  | 'waiting'
  | 'coverage'
  | 'failed-runs'
  | 'lag'
  | 'throttling'
  | 'refused'
  | 'unreadable'
  | 'unlisted'
  | 'gaps'
  | 'publication'
  | 'duplicates';

interface Rule {
  id: string;
  section: RunbookSection;
  says: string;
  metric: IMetric;
  threshold: number;
  /** @default greater than or equal to the threshold */
  comparison?: ComparisonOperator;
  /**
   * Consecutive periods.
   * @default 1
   */
  periods?: number;
  missing?: TreatMissingData;
}

/** One deployed dataset. */
export interface WatchedDataset {
  dataset: DatasetDeclaration;
  /** The configured settle time, ms; 0 for a dataset without one. */
  settle: number;
  function: IFunction;
  messages: IQueue;
  deadLetters: IQueue;
}

export interface AlarmsProps {
  datasets: readonly WatchedDataset[];
  dispatch: IFunction;
  deadTicks: IQueue;
  /** The names of credentials that get an alarm of their own. */
  credentials: readonly string[];
  metrics: CollectorMetrics;
  /** Where alarms are sent. */
  actions: readonly IAlarmAction[];
}

const EVERY_HOUR = Duration.hours(1);

/** The queue retries a crashed run, and the protocol makes that safe. This many in an hour need attention. */
const CRASHES_AN_HOUR = 3;

/**
 * The same for runs that Lambda ends because they exceed their time or memory. The message of such a run is hidden for half
 * an hour, so one project has no more of them in an hour, and its message expires before it becomes a dead letter.
 */
const KILLS_AN_HOUR = 2;

/** After this, a waiting message needs attention. A project that waits an hour for its rate limit raises no alarm. */
const LONG_WAIT = 90 * MINUTE;

/** The same as a share of the time between two ticks, if they are hours apart. */
const LONG_WAIT_SHARE = 0.75;

/** Percentage of a tick's messages. Below it for three periods, the executions are too few for the projects. */
const SERVED_SHARE = 90;

/** Percentage of throttled requests. Above it for hours, the available rate limit is too low. */
const THROTTLED_SHARE = 25;

/** Of one credential. One refusal may be the moment in which a secret is replaced. */
const REFUSALS = 2;

/** All alarms of the collector. The description of each names its section of the runbook. */
export class Alarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { datasets, dispatch, deadTicks, credentials, metrics, actions }: AlarmsProps,
  ) {
    super(scope, id);
    const rules = [
      ...datasets.flatMap((watched) => datasetRules(watched, metrics)),
      ...dispatchRules(dispatch, deadTicks),
      ...credentials.map((name) => credentialRule(name, datasets, metrics)),
    ];
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

function datasetRules(
  { dataset, settle, function: collector, messages, deadLetters }: WatchedDataset,
  metrics: CollectorMetrics,
): Rule[] {
  const { name, everyMinutes } = dataset;
  const period = tickPeriod(dataset);
  const lag = allowedLag(dataset, settle);
  return [
    {
      // Errors that Lambda counts: timeouts, lack of memory, a bundle that does not load.
      id: `${name}-errors`,
      section: 'errors',
      says: `The function of ${name} fails.`,
      metric: collector.metricErrors({ period: EVERY_HOUR }),
      threshold: KILLS_AN_HOUR,
    },
    {
      // Errors that the function caught. Metric math cannot add both: it has no result if one metric has no values.
      id: `${name}-crashes`,
      section: 'errors',
      says: `Runs of ${name} crash.`,
      metric: metrics.summed(dataset, 'Crashes', EVERY_HOUR),
      threshold: CRASHES_AN_HOUR,
    },
    deadLetterRule(`${name}-dead-letters`, `Messages of ${name} are in the dead-letter queue.`, deadLetters),
    {
      id: `${name}-did-not-run`,
      section: 'did-not-run',
      says: `No run of ${name} succeeded for three ticks.`,
      metric: metrics.summed(dataset, 'Runs', period),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      periods: 3,
      // A run that does not finish publishes no metric.
      missing: TreatMissingData.BREACHING,
    },
    {
      id: `${name}-waiting`,
      section: 'waiting',
      says: `Messages of ${name} wait for a run for too long.`,
      metric: messages.metricApproximateAgeOfOldestMessage({
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(5),
      }),
      threshold: Math.max(LONG_WAIT, LONG_WAIT_SHARE * everyMinutes * MINUTE) / SECOND,
      periods: 3,
    },
    {
      id: `${name}-coverage`,
      section: 'coverage',
      says: `Ticks of ${name} are not served in at least a tenth of the projects.`,
      // Expired messages have no metric of their own.
      metric: metrics.served(dataset),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: SERVED_SHARE,
      periods: 3,
    },
    {
      id: `${name}-failed-runs`,
      section: 'failed-runs',
      says: `Runs of ${name} in at least one project could not read from Atlas for an hour.`,
      metric: metrics.summed(dataset, 'FailedRuns', period),
      threshold: 1,
      // Tolerates short outages of Atlas: at least three ticks, and at least an hour.
      periods: Math.max(3, Math.ceil(EVERY_HOUR.toMinutes() / period.toMinutes())),
    },
    {
      id: `${name}-lag`,
      section: 'lag',
      says: `${name} is more than ${Math.round(lag / MINUTE)} minutes behind in at least one project.`,
      metric: metrics.highest(dataset, 'Lag', period),
      threshold: lag / SECOND,
      periods: 3,
      // If no run finishes, the lag is unknown. The alarm `did-not-run` covers that case.
      missing: TreatMissingData.IGNORE,
    },
    {
      id: `${name}-throttling`,
      section: 'throttling',
      says: `Rate limits of Atlas slow down ${name}.`,
      metric: new MathExpression({
        expression: '100 * throttled / (requests + throttled)',
        usingMetrics: {
          throttled: metrics.summed(dataset, 'Throttled', EVERY_HOUR),
          requests: metrics.summed(dataset, 'Requests', EVERY_HOUR),
        },
        period: EVERY_HOUR,
        label: `percentage of ${name} requests throttled`,
      }),
      threshold: THROTTLED_SHARE,
      periods: 3,
    },
    {
      id: `${name}-refused`,
      section: 'refused',
      says: `Atlas refuses the credentials for ${name}, or the credentials are missing.`,
      metric: metrics.summed(dataset, 'Refusals', period),
      threshold: 1,
      periods: 2,
    },
    {
      id: `${name}-unreadable`,
      section: 'unreadable',
      says: `Atlas returns items of ${name} in a form that the collector cannot read.`,
      metric: metrics.summed(dataset, 'UnreadableItems', period),
      threshold: 1,
      // Tolerates one bad response.
      periods: 3,
    },
    {
      id: `${name}-unlisted`,
      section: 'unlisted',
      says: `Atlas no longer lists a project or organisation that has data of ${name}.`,
      metric: metrics.highest(dataset, 'Unlisted', period),
      threshold: 1,
      // Tolerates a page that is missing from the list once.
      periods: 3,
    },
    {
      id: `${name}-gaps`,
      section: 'gaps',
      says: `Values of ${name} are permanently lost.`,
      metric: metrics.summed(dataset, 'Gaps', EVERY_HOUR),
      threshold: 1,
    },
  ];
}

function dispatchRules(dispatch: IFunction, deadTicks: IQueue): Rule[] {
  return [
    {
      id: 'dispatch-errors',
      section: 'errors',
      says: 'Ticks cannot be dispatched to the projects.',
      metric: dispatch.metricErrors({ period: EVERY_HOUR }),
      threshold: CRASHES_AN_HOUR,
    },
    deadLetterRule('dead-ticks', 'Ticks are in the dead-letter queue.', deadTicks),
  ];
}

/**
 * The alarms of datasets tell that some credential is refused. While one is, they cannot tell that another is, too. The
 * period has enough ticks of the most frequent dataset, or of a day, if there are fewer.
 */
function credentialRule(name: string, datasets: readonly WatchedDataset[], metrics: CollectorMetrics): Rule {
  const every = Math.min(...datasets.map(({ dataset }) => dataset.everyMinutes));
  const minutes = Math.min(Math.max(REFUSALS * every, HOUR / MINUTE), DAY / MINUTE);
  return {
    id: `credential-${name}-refused`,
    section: 'refused',
    says: `Atlas refuses the credential ${name}, or the secret has none with this name.`,
    metric: metrics.refusalsOf(name, Duration.minutes(minutes)),
    threshold: REFUSALS * every <= minutes ? REFUSALS : 1,
  };
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
