/** How a test describes alerts and what raises them. Instants in milliseconds since 1970-01-01T00:00:00Z. */

export interface AlertConfigurationShape {
  /** Names it for `AlertShape`; Atlas has no such thing. */
  name: string;
  eventTypeName: string;
  /** Default: true. */
  enabled?: boolean;
  /** Default: when the organisation came to be. */
  created?: number;
  /** From then on it is gone; that cancels its alerts. */
  deleted?: number;
  /** `metricThreshold`, `threshold`, `matchers`, `notifications`, … */
  fields?: Readonly<Record<string, unknown>>;
  /** Fields that get another value; `enabled: false` cancels its alerts. Oldest first. */
  changes?: readonly FieldChange[];
}

/** The life of one alert. */
export interface AlertShape {
  /** The name of the configuration that raises it. */
  configuration: string;
  created: number;
  /** Until then its status is TRACKING. Default: `created`. */
  opened?: number;
  acknowledged?: Acknowledgement;
  /** When somebody takes the acknowledgement back. */
  unacknowledged?: number;
  /** `clusterName`, `replicaSetName`, `hostnameAndPort`, `userAlias`, … */
  fields?: Readonly<Record<string, unknown>>;
  /** Oldest first. */
  changes?: readonly FieldChange[];
  closed?: number;
  cancelled?: number;
  /** From then on Atlas answers 404 for it. */
  dropped?: number;
}

/** Lives of one kind that begin again and again; spans in milliseconds. */
export interface RecurringAlertShape {
  configuration: string;
  every: number;
  /** When one of them is created. */
  phase: number;
  fields?: Readonly<Record<string, unknown>>;
  openedAfter?: number;
  acknowledgedAfter?: number;
  /** Default: for ever. */
  acknowledgedFor?: number;
  closedAfter: number;
}

export interface Acknowledgement {
  at: number;
  /** Default: for ever, which is 100 years. */
  until?: number;
  by?: string;
  comment?: string;
}

export interface FieldChange {
  at: number;
  fields: Readonly<Record<string, unknown>>;
}
