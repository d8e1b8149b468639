import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { HOUR, SECOND } from '../../shared/durations.ts';
import type { RunbookSection } from './alarms.ts';
import type { CollectorMetrics } from './metrics.ts';

/** An alarm says that the publication is late after this time, or after three publications. */
const LATE = 6 * HOUR;

interface Rule {
  id: string;
  section: RunbookSection;
  says: string;
  metric: IMetric;
  threshold: number;
  periods: number;
  missing: TreatMissingData;
}

export interface PublicationAlarmsProps {
  machine: StateMachine;
  /** Interval between publications, ms. */
  every: number;
  metrics: CollectorMetrics;
  /** Where alarms are sent. */
  actions: readonly IAlarmAction[];
}

/** The alarms of the publication. The description of each names its section of the runbook. */
export class PublicationAlarms extends Construct {
  constructor(scope: Construct, id: string, props: PublicationAlarmsProps) {
    super(scope, id);
    for (const rule of rules(props)) {
      const alarm = new Alarm(this, rule.id, {
        alarmDescription: `${rule.says} See docs/runbook.md#${rule.section}`,
        metric: rule.metric,
        threshold: rule.threshold,
        evaluationPeriods: rule.periods,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: rule.missing,
      });
      alarm.addAlarmAction(...props.actions);
    }
  }
}

function rules({ machine, every, metrics }: PublicationAlarmsProps): Rule[] {
  const period = Duration.millis(Math.max(every, HOUR));
  return [
    {
      id: 'Failed',
      section: 'publication',
      says: 'The publication failed. Iceberg tables lack the newest rows; landing tables have them.',
      metric: new MathExpression({
        expression: 'FILL(failed, 0) + FILL(late, 0)',
        usingMetrics: {
          failed: machine.metricFailed({ statistic: 'Sum' }),
          late: machine.metricTimedOut({ statistic: 'Sum' }),
        },
        period,
      }),
      threshold: 1,
      periods: 2,
      missing: TreatMissingData.NOT_BREACHING,
    },
    {
      id: 'Behind',
      section: 'publication',
      says: 'Iceberg tables are behind the landing tables, or nothing publishes.',
      metric: metrics.ofPublication('PublicationBehind', period),
      threshold: Math.max(LATE, 3 * every) / SECOND,
      periods: 2,
      missing: TreatMissingData.BREACHING,
    },
    {
      id: 'Missing',
      section: 'publication',
      says: 'Rows of the day before yesterday are in landing tables and not in Iceberg tables.',
      metric: metrics.ofPublication('MissingRows', Duration.days(1)),
      threshold: 1,
      periods: 1,
      missing: TreatMissingData.NOT_BREACHING,
    },
    {
      id: 'Duplicates',
      section: 'duplicates',
      says: 'The lake has duplicate rows. SELECT * FROM duplicate_rows shows them.',
      metric: metrics.ofPublication('DuplicateRows', Duration.days(1)),
      threshold: 1,
      periods: 1,
      missing: TreatMissingData.NOT_BREACHING,
    },
  ];
}
