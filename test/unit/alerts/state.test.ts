import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KnownAlert } from '../../../functions/alerts/known-alert.ts';
import { wholeSecond } from '../../../functions/alerts/known-alert.ts';
import {
  MAX_CONFIGURATIONS,
  MAX_KNOWN_ALERTS,
  MAX_OPEN_ALERTS,
  remembered,
  TooManyAlertsError,
} from '../../../functions/alerts/memory.ts';
import {
  type AlertsState,
  alertsCodec,
  decodeStates,
  encodeStates,
  newState,
  stateSize,
} from '../../../functions/alerts/state.ts';
import { BYTES_PER_CURSOR, BYTES_PER_TARGET } from '../../../shared/cursors/sizes.ts';
import { DAY } from '../../../shared/durations.ts';
import { addTargets, newCursor } from '../../../shared/engine/cursor.ts';
import { changesBound, encodeItem, itemBound } from '../../../shared/engine/cursor-codec.ts';
import { SELF } from '../../../shared/engine/dataset.ts';
import {
  type AlertConfigurationId,
  type AlertId,
  isAlertConfigurationId,
  isAlertId,
} from '../../../shared/ids.ts';
import { T } from '../../support/times.ts';

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((second) => second * 1000);

function alertId(text: string): AlertId {
  if (!isAlertId(text)) throw new Error('no id of an alert');
  return text;
}

function configurationId(text: string): AlertConfigurationId {
  if (!isAlertConfigurationId(text)) throw new Error('no id of a configuration');
  return text;
}

const knownAlert: fc.Arbitrary<KnownAlert> = fc.record({
  id: hex(24).map(alertId),
  phase: fc.constantFrom('open', 'ended', 'lost'),
  status: fc.constantFrom(null, 'OPEN', 'TRACKING'),
  acknowledged: fc.boolean(),
  acknowledgedUntil: fc.option(seconds),
  content: hex(16),
  acknowledgement: hex(8),
  created: seconds,
  since: seconds,
});

function known(number: number, more: Partial<KnownAlert> = {}): KnownAlert {
  return {
    id: alertId(number.toString(16).padStart(24, '0')),
    phase: 'open',
    status: 'OPEN',
    acknowledged: true,
    acknowledgedUntil: T,
    content: 'f'.repeat(16),
    acknowledgement: 'f'.repeat(8),
    created: T - number * 1000,
    since: T,
    ...more,
  };
}

const byId = (alerts: readonly KnownAlert[]) => new Map(alerts.map((alert) => [alert.id, alert]));

test('a stored state is decoded without changes', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(knownAlert, { selector: ({ id }) => id }),
      fc.uniqueArray(
        fc.tuple(
          hex(24).map(configurationId),
          fc.record({ content: hex(16), alerting: fc.boolean(), isUnread: fc.boolean() }),
        ),
        {
          selector: ([id]) => id,
        },
      ),
      seconds,
      fc.nat(),
      (alerts, configurations, forgottenTo, revision) => {
        const state: AlertsState = {
          watermark: T,
          alerts: byId(alerts),
          configurations: new Map(configurations),
          forgottenTo,
          revision,
          isRead: false,
        };
        expect(decodeStates(encodeStates(new Map([[SELF, state]])), new Map([[SELF, T]]))).toEqual(
          new Map([[SELF, state]]),
        );
      },
    ),
  );
});

test('a truncated state is an error', () => {
  const stored = [
    { target: SELF, alerts: new Uint8Array(36), configurations: new Uint8Array(0), forgotten_to: 0 },
  ];
  expect(() => decodeStates(stored, new Map([[SELF, T]]))).toThrow('expected whole records');
});

describe('the largest possible state of a project', () => {
  const full: AlertsState = {
    ...newState(T),
    alerts: byId(Array.from({ length: MAX_KNOWN_ALERTS }, (_, index) => known(index))),
    configurations: new Map(
      Array.from({ length: MAX_CONFIGURATIONS }, (_, index) => [
        configurationId(index.toString(16).padStart(24, '0')),
        { content: 'f'.repeat(16), alerting: true, isUnread: true },
      ]),
    ),
  };

  test('takes about 40 bytes for each alert, and fits into one transaction', () => {
    const stored = encodeStates(new Map([[SELF, full]]));
    expect((stateSize(full) - MAX_CONFIGURATIONS * 21) / MAX_KNOWN_ALERTS).toBeLessThan(40);
    const source = '6a793f5cc0eb9e7a177147ec';
    const state = decodeStates(stored, new Map([[SELF, T]])).get(SELF);
    if (!state) throw new Error('the state is missing');
    const cursor = { ...newCursor<AlertsState>(source, {}), listingAt: T };
    addTargets(cursor, [[SELF, state]], 1);
    const items = encodeItem(alertsCodec, cursor, 0).map(({ content }) => sizeOf(marshall({ content })));
    const bytes = itemBound(alertsCodec, cursor, 0);
    expect(items.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(bytes);
    expect(Math.max(...items)).toBeLessThanOrEqual(BYTES_PER_CURSOR);
    expect(items.length).toBeLessThanOrEqual(changesBound(cursor, 0, bytes));
    expect(bytes).toBeLessThanOrEqual(BYTES_PER_TARGET);
  });

  test('never takes more bytes when stored than its bound', () => {
    for (const state of [
      newState(T),
      { ...full, configurations: new Map() },
      { ...full, alerts: new Map() },
    ]) {
      expect(sizeOf(marshall({ content: encodeStates(new Map([[SELF, state]])) }))).toBeLessThanOrEqual(
        stateSize(state),
      );
    }
  });
});

describe('remembered alerts', () => {
  test('include every open alert, up to 50,000', () => {
    const open = Array.from({ length: MAX_OPEN_ALERTS }, (_, index) =>
      known(index, { since: T - 900 * DAY }),
    );
    expect(remembered(byId(open), 0, T).alerts.size).toBe(MAX_OPEN_ALERTS);
    const more = byId([...open, known(MAX_OPEN_ALERTS)]);
    expect(() => remembered(more, 0, T)).toThrow(TooManyAlertsError);
    expect(() => remembered(more, 0, T)).toThrow(
      'the project has 50001 open alerts, and 50000 can be followed',
    );
  });

  test('include alerts that ended less than a day ago', () => {
    const alerts = byId([
      known(1),
      known(2, { phase: 'ended', since: T - DAY + 1000 }),
      known(3, { phase: 'ended', since: T - DAY }),
      known(4, { phase: 'lost', since: T - 2 * DAY }),
    ]);
    const result = remembered(alerts, 0, T);
    expect([...result.alerts.keys()].map((id) => Number.parseInt(id, 16))).toEqual([1, 2]);
    // The later creation time of the two forgotten alerts.
    expect(result.forgottenTo).toBe(wholeSecond(T - 3_000));
    expect(remembered(alerts, T, T).forgottenTo).toBe(T);
  });

  test('include the most recently created ended alerts when there are too many', () => {
    const ended = Array.from({ length: MAX_KNOWN_ALERTS + 10 }, (_, index) =>
      known(index + 1, { phase: 'ended' }),
    );
    const result = remembered(byId([known(0), ...ended]), 0, T);
    expect(result.alerts.size).toBe(MAX_KNOWN_ALERTS);
    expect(result.early).toBe(11);
    expect(result.forgottenTo).toBe(T - MAX_KNOWN_ALERTS * 1000);
  });
});

/**
 * Counts like DynamoDB: names and values in UTF-8, a byte for each value of a list or map and three for the collection.
 */
function sizeOf(value: unknown): number {
  const attribute: Record<string, unknown> = Object(value);
  let size = 0;
  for (const [name, field] of Object.entries(attribute)) {
    if (name === 'S') size += Buffer.byteLength(String(field));
    else if (name === 'N') size += 21;
    else if (name === 'B' && field instanceof Uint8Array) size += field.length;
    else if (name === 'L' && Array.isArray(field))
      size += 3 + field.reduce((sum, entry) => sum + 1 + sizeOf(entry), 0);
    else if (name === 'M') size += 3 + sizeOf(field);
    else size += Buffer.byteLength(name) + 1 + sizeOf(field);
  }
  return size;
}
