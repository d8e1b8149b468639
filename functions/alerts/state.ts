import * as z from 'zod';
import type { Document } from '../../shared/cursors/document.ts';
import { HOUR } from '../../shared/durations.ts';
import { SELF, type StateCodec, type TargetState } from '../../shared/engine/dataset.ts';
import {
  type AlertConfigurationId,
  type AlertId,
  isAlertConfigurationId,
  isAlertId,
} from '../../shared/ids.ts';
import { type KnownAlert, wholeSecond } from './known-alert.ts';

/** What is known of a project's alerts. It is one item, so that rows and state move together. */
export interface AlertsState extends TargetState {
  /** When the last committed run began, ms. */
  watermark: number;
  alerts: ReadonlyMap<AlertId, KnownAlert>;
  configurations: ReadonlyMap<AlertConfigurationId, KnownConfiguration>;
  /**
   * Ended alerts that were created up to this time, ms, and are not in the state are finished: written and forgotten,
   * or older than what the first run writes. So a clock that is set back does not repeat any.
   */
  forgottenTo: number;
  /**
   * The number of the last written change. For each alert and each configuration, later changes have higher numbers.
   */
  revision: number;
  /** This run has done its step. It is not stored, so each run begins with false. */
  isRead: boolean;
}

export interface KnownConfiguration {
  /** 16 hexadecimal digits. */
  content: string;
  /** Its list had an alert when it was last read, so it is read again even if it is disabled in the meantime. */
  alerting: boolean;
  /** Its list was due and could not be read, so the next run reads it. */
  isUnread: boolean;
}

/**
 * How long before the last run a closed alert that was never observed open may have been created. This finds alerts
 * that Atlas shows late.
 */
export const LOOKBACK = HOUR;

export function newState(watermark: number): AlertsState {
  const forgottenTo = wholeSecond(watermark - LOOKBACK) - 1000;
  return { watermark, alerts: new Map(), configurations: new Map(), forgottenTo, revision: 0, isRead: false };
}

/**
 * Returns the state with its watermark moved back to a certain instant, after a fast clock had put it into the future.
 * The next run reads again what ended since the last forgotten alert, and does not repeat what is known.
 */
export function pulledBack(state: AlertsState, instant: number): AlertsState {
  // Alerts are forgotten by Atlas's own times. Only a first run sets this by its own clock.
  const forgottenTo = Math.min(state.forgottenTo, newState(instant).forgottenTo);
  return { ...state, watermark: forgottenTo, forgottenTo };
}

/**
 * The stored form of the state: fixed-length records in sequence, with big-endian numbers.
 *
 * An alert: id (12), flags (1), content (8), acknowledgement (4), and in seconds since the epoch created (4), since (4)
 * and acknowledgedUntil (4). A configuration: id (12), flags (1), content (8).
 */
const ALERT_BYTES = 37;
const CONFIGURATION_BYTES = 21;

/** Names, types, `forgotten_to` and `revision`. */
const FRAME_BYTES = 200;

const PHASES = ['open', 'ended', 'lost'] as const satisfies readonly KnownAlert['phase'][];
const STATUSES = [null, 'OPEN', 'TRACKING'] as const satisfies readonly KnownAlert['status'][];

/** The flags of an alert: two bits for the phase, two for the status, and these. */
const ACKNOWLEDGED = 0b1_0000;
const HAS_UNTIL = 0b10_0000;

/** The flags of a configuration. */
const ALERTING = 0b1;
const UNREAD = 0b10;

const bytes = (record: number) =>
  z.instanceof(Uint8Array).refine((stored) => stored.length % record === 0, 'expected whole records');

/** Version 1 had an empty name for the project itself. */
export const ALERTS_VERSION = 2;

const stateSchema = z.strictObject({
  target: z.string().transform((name) => name || SELF),
  alerts: bytes(ALERT_BYTES),
  configurations: bytes(CONFIGURATION_BYTES),
  forgotten_to: z.number(),
  /** Version 1 had no revision. */
  revision: z.int().nonnegative().default(0),
});

export function encodeStates(states: ReadonlyMap<string, AlertsState>): Document {
  return [...states].map(([target, state]) => encodeState(target, state));
}

export function decodeStates(
  stored: Document,
  watermarks: ReadonlyMap<string, number>,
): Map<string, AlertsState> {
  const states = new Map<string, AlertsState>();
  for (const state of z.array(stateSchema).parse(stored)) {
    const watermark = watermarks.get(state.target);
    if (watermark !== undefined) states.set(state.target, decodeState(state, watermark));
  }
  return states;
}

export const alertsCodec: StateCodec<AlertsState> = {
  stateVersion: ALERTS_VERSION,
  encode: encodeStates,
  decode: decodeStates,
  sizeBound: stateSize,
};

function encodeState(
  target: string,
  { alerts, configurations, forgottenTo, revision }: AlertsState,
): Document {
  return {
    target,
    alerts: Buffer.concat([...alerts.values()].map(encodeAlert)),
    configurations: Buffer.concat([...configurations].map(encodeConfiguration)),
    forgotten_to: forgottenTo,
    revision,
  };
}

function decodeState(
  { alerts, configurations, forgotten_to: forgottenTo, revision }: z.infer<typeof stateSchema>,
  watermark: number,
): AlertsState {
  const known = records(alerts, ALERT_BYTES).map(decodeAlert);
  return {
    watermark,
    isRead: false,
    alerts: new Map(known.map((alert) => [alert.id, alert])),
    configurations: new Map(records(configurations, CONFIGURATION_BYTES).map(decodeConfiguration)),
    forgottenTo,
    revision,
  };
}

/** Returns the stored size of the state in bytes. */
export function stateSize({ alerts, configurations }: AlertsState): number {
  return FRAME_BYTES + alerts.size * ALERT_BYTES + configurations.size * CONFIGURATION_BYTES;
}

function encodeAlert(alert: KnownAlert): Buffer {
  const record = Buffer.alloc(ALERT_BYTES);
  record.write(alert.id, 0, 'hex');
  const flags =
    PHASES.indexOf(alert.phase) +
    (STATUSES.indexOf(alert.status) << 2) +
    (alert.acknowledged ? ACKNOWLEDGED : 0) +
    (alert.acknowledgedUntil === null ? 0 : HAS_UNTIL);
  record.writeUInt8(flags, 12);
  record.write(alert.content, 13, 'hex');
  record.write(alert.acknowledgement, 21, 'hex');
  record.writeUInt32BE(alert.created / 1000, 25);
  record.writeUInt32BE(alert.since / 1000, 29);
  record.writeUInt32BE((alert.acknowledgedUntil ?? 0) / 1000, 33);
  return record;
}

function decodeAlert(record: Buffer): KnownAlert {
  const flags = record.readUInt8(12);
  return {
    id: checked(record.toString('hex', 0, 12), isAlertId),
    phase: PHASES[flags & 0b11] ?? corrupt(),
    status: STATUSES[(flags >> 2) & 0b11] ?? null,
    acknowledged: (flags & ACKNOWLEDGED) !== 0,
    content: record.toString('hex', 13, 21),
    acknowledgement: record.toString('hex', 21, 25),
    created: record.readUInt32BE(25) * 1000,
    since: record.readUInt32BE(29) * 1000,
    acknowledgedUntil: (flags & HAS_UNTIL) === 0 ? null : record.readUInt32BE(33) * 1000,
  };
}

function encodeConfiguration([id, { content, alerting, isUnread }]: readonly [
  AlertConfigurationId,
  KnownConfiguration,
]): Buffer {
  const record = Buffer.alloc(CONFIGURATION_BYTES);
  record.write(id, 0, 'hex');
  record.writeUInt8((alerting ? ALERTING : 0) + (isUnread ? UNREAD : 0), 12);
  record.write(content, 13, 'hex');
  return record;
}

function decodeConfiguration(record: Buffer): [AlertConfigurationId, KnownConfiguration] {
  const flags = record.readUInt8(12);
  return [
    checked(record.toString('hex', 0, 12), isAlertConfigurationId),
    {
      alerting: (flags & ALERTING) !== 0,
      isUnread: (flags & UNREAD) !== 0,
      content: record.toString('hex', 13, 21),
    },
  ];
}

function records(stored: Uint8Array, length: number): Buffer[] {
  const all = Buffer.from(stored);
  return Array.from({ length: all.length / length }, (_, index) =>
    all.subarray(index * length, (index + 1) * length),
  );
}

function checked<Id extends AlertId | AlertConfigurationId>(
  text: string,
  is: (text: string) => text is Id,
): Id {
  return is(text) ? text : corrupt();
}

function corrupt(): never {
  throw new Error('the stored state of alerts cannot be read');
}
