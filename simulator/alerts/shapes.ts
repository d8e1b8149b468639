/** A test's description of alerts and their configurations. Instants in milliseconds since 1970-01-01T00:00:00Z. */

export interface AlertConfigurationShape {
  /** The name that `AlertShape` refers to; not part of Atlas. */
  name: string;
  eventTypeName: string;
  /** Default: true. */
  enabled?: boolean;
  /** Default: when the organisation was created. */
  created?: number;
  /** When it is deleted, which cancels its alerts. */
  deleted?: number;
  /** `metricThreshold`, `threshold`, `matchers`, `notifications`, … */
  fields?: Readonly<Record<string, unknown>>;
  /** Fields that change their values; `enabled: false` cancels its alerts. Oldest first. */
  changes?: readonly FieldChange[];
}

/** The life cycle of one alert. */
export interface AlertShape {
  /** The name of the configuration that raises it. */
  configuration: string;
  created: number;
  /** Its status is TRACKING until then. Default: `created`. */
  opened?: number;
  acknowledged?: Acknowledgement;
  /** When a user withdraws the acknowledgement. */
  unacknowledged?: number;
  /** `clusterName`, `replicaSetName`, `hostnameAndPort`, `userAlias`, … */
  fields?: Readonly<Record<string, unknown>>;
  /** Oldest first. */
  changes?: readonly FieldChange[];
  closed?: number;
  cancelled?: number;
  /** When Atlas starts to respond with 404. */
  dropped?: number;
}

/** A life cycle that repeats; spans in milliseconds. */
export interface RecurringAlertShape {
  configuration: string;
  every: number;
  /** When one of the alerts is created. */
  phase: number;
  fields?: Readonly<Record<string, unknown>>;
  openedAfter?: number;
  acknowledgedAfter?: number;
  /** Default: forever. */
  acknowledgedFor?: number;
  closedAfter: number;
}

export interface Acknowledgement {
  at: number;
  /** Default: forever, which is 100 years. */
  until?: number;
  by?: string;
  comment?: string;
}

export interface FieldChange {
  at: number;
  fields: Readonly<Record<string, unknown>>;
}
