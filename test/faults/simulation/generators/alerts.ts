import fc from 'fast-check';
import { DAY, HOUR, MINUTE, SECOND } from '../../../../shared/durations.ts';
import type { AlertConfigurationShape, AlertShape } from '../../../../simulator/alerts/shapes.ts';
import { type Alerting, START } from '../history.ts';

/** Generates alerts and their configurations. Spans are in seconds, which is the precision of Atlas's times. */

/** An instant around the ticks, mostly on the first day. */
const instant = fc
  .oneof(
    { weight: 5, arbitrary: fc.integer({ min: -2 * 3600, max: 5 * 3600 }) },
    { weight: 1, arbitrary: fc.integer({ min: -3 * 86_400, max: 20 * 86_400 }) },
  )
  .map((seconds) => START + seconds * SECOND);

/** Shorter or longer than the time between two ticks, and shorter or longer than an outage. */
const span = fc
  .oneof(
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 20 * 60 }) },
    { weight: 3, arbitrary: fc.integer({ min: 60, max: 4 * 3600 }) },
    { weight: 1, arbitrary: fc.integer({ min: 3600, max: 5 * 86_400 }) },
  )
  .map((seconds) => seconds * SECOND);

function seldom<T>(arbitrary: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T | null> {
  return fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

const configuration = fc.record({
  created: seldom(instant, 4),
  existsFor: seldom(span, 5),
  disabledAfter: seldom(span, 5),
  disabledFor: span,
  changes: fc.array(span, { maxLength: 2 }),
});

function configurationShape(
  { created, existsFor, disabledAfter, disabledFor, changes }: ConfigurationLife,
  index: number,
): AlertConfigurationShape & { created: number } {
  const from = created ?? START - 300 * DAY;
  // Spans count from the time when the configuration is visible.
  const base = Math.max(from, START - HOUR);
  const disabled =
    disabledAfter === null
      ? []
      : [
          { at: base + disabledAfter, fields: { enabled: false } },
          { at: base + disabledAfter + disabledFor, fields: { enabled: true } },
        ];
  const thresholds = changes.map((after, number) => ({ at: base + after, fields: threshold(90 + number) }));
  return {
    name: `configuration ${index}`,
    ...(index === 0
      ? { eventTypeName: 'OUTSIDE_METRIC_THRESHOLD', fields: threshold(80) }
      : { eventTypeName: 'NO_PRIMARY' }),
    created: from,
    ...(existsFor === null ? {} : { deleted: base + existsFor }),
    changes: [...disabled, ...thresholds].sort((a, b) => a.at - b.at),
  };
}

function threshold(number: number) {
  return {
    metricThreshold: { metricName: 'CONNECTIONS', operator: 'GREATER_THAN', threshold: number, units: 'RAW' },
  };
}

const alert = fc.record({
  configuration: fc.nat(2),
  created: instant,
  tracked: seldom(fc.oneof(fc.integer({ min: 1, max: 3600 }), fc.integer({ min: 3600, max: 4 * 3600 })), 1),
  /** Whether the length counts from the opening instead of the creation. */
  endsAfterOpening: fc.boolean(),
  acknowledged: seldom(
    fc.record({
      after: span,
      for: fc.oneof(fc.constant(null), span),
      takenBack: seldom(span, 2),
    }),
    1,
  ),
  changes: fc.array(span, { maxLength: 2 }),
  length: fc.oneof({ weight: 4, arbitrary: span }, { weight: 1, arbitrary: fc.constant(null) }),
  isCancelled: fc.constantFrom(false, false, false, false, true),
  /** How long after its end Atlas deletes it, or in its middle. */
  kept: seldom(fc.oneof(span, fc.constant('half' as const)), 4),
});

function alertShape(life: AlertLife): AlertShape {
  const { created, tracked, acknowledged, changes, length, isCancelled, kept } = life;
  const from = created + (life.endsAfterOpening ? (tracked ?? 0) * SECOND : 0);
  const end = length === null ? null : from + length;
  const at = created + (acknowledged?.after ?? 0);
  return {
    configuration: `configuration ${life.configuration}`,
    created,
    ...(tracked === null ? {} : { opened: created + tracked * SECOND }),
    ...(acknowledged === null
      ? {}
      : { acknowledged: { at, ...(acknowledged.for === null ? {} : { until: at + acknowledged.for }) } }),
    ...(acknowledged?.takenBack ? { unacknowledged: at + acknowledged.takenBack } : {}),
    changes: changes
      .map((after, number) => ({ at: created + after, fields: { clusterName: `renamed ${number}` } }))
      .sort((a, b) => a.at - b.at),
    ...(end === null ? {} : isCancelled ? { cancelled: end } : { closed: end }),
    ...(kept === null ? {} : { dropped: droppedAt(created, end, kept) }),
  };
}

function droppedAt(created: number, end: number | null, kept: number | 'half'): number {
  if (kept === 'half') return end === null ? created + 3 * HOUR + MINUTE : created + (end - created) / 2;
  return (end ?? created + DAY) + kept;
}

/** Returns whether a configuration raises alerts at an instant, because it exists and is enabled. */
function raises({ created = 0, deleted, changes = [] }: AlertConfigurationShape, at: number): boolean {
  const enabled = changes.findLast((change) => change.at <= at && 'enabled' in change.fields);
  return at >= created && at < (deleted ?? Infinity) && enabled?.fields['enabled'] !== false;
}

type Made<T> = T extends fc.Arbitrary<infer Value> ? Value : never;
type ConfigurationLife = Made<typeof configuration>;
type AlertLife = Made<typeof alert>;

export const alerting: fc.Arbitrary<Alerting> = fc
  .record({
    configurations: fc.array(configuration, { minLength: 1, maxLength: 3, size: 'max' }),
    alerts: fc.array(alert, { minLength: 1, maxLength: 10, size: 'max' }),
  })
  .map(({ configurations: lives, alerts }) => {
    const configurations = lives.map(configurationShape);
    return {
      configurations,
      alerts: alerts
        .map((life) => ({ ...life, configuration: life.configuration % configurations.length }))
        .filter(({ configuration: place, created }) => {
          const raising = configurations[place];
          return raising !== undefined && raises(raising, created);
        })
        .map(alertShape),
    };
  });
