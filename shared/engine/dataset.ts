import type { AtlasSession } from '../atlas/api.ts';
import type { Listing } from '../atlas/listing.ts';
import type { Document } from '../cursors/document.ts';
import type { Subject } from '../ids.ts';
import type { TableRows } from '../lake/table.ts';
import type { Rereading } from './backfill/rereading.ts';
import type { SourceAttributes, Target, TargetKey } from './cursor.ts';
import type { DatasetDeclaration } from './declaration.ts';
import type { Failure } from './errors.ts';
import type { RunTime } from './run-clock.ts';
import type { DatasetSettings } from './settings.ts';

/** A declaration with its collector and the codec of its states. Both hide the type of the states. */
export interface Dataset<Settings extends DatasetSettings = DatasetSettings>
  extends DatasetDeclaration<Settings> {
  /** Calls `use` with the codec of the states. */
  withCodec<Result>(
    settings: Settings,
    use: <State extends TargetState>(codec: StateCodec<State>) => Result,
  ): Result;
  /** Calls `use` with the collector of one run, and with the codec of its states. */
  withCollector<Result>(
    settings: Settings,
    subject: Subject,
    use: <State extends TargetState>(collector: Collector<State>, codec: StateCodec<State>) => Result,
  ): Result;
}

/** Returns a dataset. `collector` is called once for each run. */
export function defineDataset<Settings extends DatasetSettings, State extends TargetState>(
  declaration: DatasetDeclaration<Settings>,
  {
    codec,
    collector,
  }: {
    codec(settings: Settings): StateCodec<State>;
    collector(settings: Settings, subject: Subject): Collector<State>;
  },
): Dataset<Settings> {
  return {
    ...declaration,
    withCodec: (settings, use) => use(codec(settings)),
    withCollector: (settings, subject, use) => use(collector(settings, subject), codec(settings)),
  };
}

/** How the states of a dataset's targets are stored. */
export interface StateCodec<State extends TargetState> {
  /** The version of what `encode` returns. It rises with each change of the form; 1 is the form from before 0.1.0. */
  stateVersion: number;
  /** Returns the states of a cursor's targets in their stored format. */
  encode(states: ReadonlyMap<string, State>): Document;
  /**
   * Decodes stored states, including those of earlier versions. `watermarks` names the targets.
   *
   * @param version of `stored`, from 1 to `stateVersion`
   * @param source the source of the targets
   */
  decode(
    stored: Document,
    watermarks: ReadonlyMap<string, number>,
    version: number,
    source: string,
  ): Map<string, State>;
  /** Returns the maximum bytes of a state when stored. */
  sizeBound(state: State): number;
  /**
   * Returns up to when a target has rows or gaps, ms, by its state: its watermark, or its last value if
   * Atlas no longer returns any. Null if it may have none; if omitted, every target may.
   */
  coveredTo?(state: State): number | null;
  /**
   * Maximum bytes that any state can reach when stored. It determines how many targets of a source share a
   * cursor item. If omitted, each target has its own item.
   */
  largestState?: number;
}

/**
 * How to collect a dataset of one subject. The engine asks which targets exist, what to do next for a target, and what a response
 * means. A collector knows Atlas and its own rows, but neither DynamoDB nor S3. `State` is what it knows about a target.
 */
export interface Collector<State extends TargetState> {
  /** Lists the sources, each of which has its own cursor: processes, hosts, or the project itself. */
  listSources(atlas: AtlasSession, known: KnownSources): Promise<Listing<Source>>;
  /**
   * Lists the targets of one source; called once an hour. Returns null if Atlas does not say, and the known targets
   * stay as they are.
   */
  listTargets(atlas: AtlasSession, source: Source): Promise<Listing<string> | PartialListing<string> | null>;
  /** Returns the state of a target that is seen for the first time. */
  firstState(time: RunTime, name: string): State;
  /** Returns the next step for a target in this run, or null when nothing is left to do. */
  nextStep(target: Target<State>, time: RunTime): Step<State> | null;
  /**
   * Returns the state with its watermark at or before an instant, after a clock that was ahead has put the
   * watermark into the future. Data that Atlas still has is read again as far as it can be told from what is
   * in the lake. Returns the same state if it is better to wait for the watermark.
   */
  pulledBack?(state: State, instant: number): State;
  /** Returns the latest instant up to which anything counts as read; the watermark if omitted. */
  furthest?(state: State): number;
  /** Reduces a state to what must be kept of a target that has long been gone, in case it comes back. */
  dormant?(state: State): State;
  /** How a backfill reads the past again; omitted if Atlas cannot return it. */
  rereading?: Rereading<State>;
  /** Maximum concurrent steps, if responses are too large for the default. */
  concurrency?: number;
}

/** A listing of several lists, of which some may have failed. It then has unknown items. */
export interface PartialListing<T> extends Listing<T> {
  /** Errors of Atlas that end no run. */
  readonly failures: readonly unknown[];
}

export interface TargetState {
  /** The target has been read and committed without a break up to here, ms since the epoch. */
  watermark: number;
  /**
   * True if Atlas has nothing of this kind for the target. The target is then not behind, although its
   * watermark does not move.
   */
  idle?: boolean;
  /**
   * For how long after its watermark the target is left unread on purpose, in ms; 0 if omitted. The target is not
   * behind meanwhile.
   */
  restMs?: number;
}

/** Returns the instant up to which nothing of a target is left to read for a tick: at least its watermark. */
export function committedUpTo({ watermark, restMs = 0 }: TargetState, tick: number): number {
  return Math.max(watermark, Math.min(watermark + restMs, tick));
}

export interface Source {
  id: string;
  /**
   * What rows say about the source: cluster, replica set, type. The cursor keeps them while the source is not
   * listed. It also keeps attributes that are omitted here because they are unknown now.
   */
  attributes: SourceAttributes;
  /**
   * False for a source that is listed without data, such as a host that is down. Only its earlier data is
   * requested.
   */
  hasData: boolean;
  /**
   * The source whose targets its list names, and which of them; all of its own if omitted. A long list can
   * thus be read and stored part by part, while all targets stay with one source.
   */
  lists?: { of: string; covers(name: string): boolean };
}

/** Attributes that were stored less than an hour ago, by source id. */
export type KnownSources = ReadonlyMap<string, SourceAttributes>;

/** One request for one target, or a gap to record. */
export type Step<State> = (atlas: AtlasSession, collectedAt: () => number) => Promise<StepResult<State>>;

/** The result of a step. Rows, gaps and the new state are committed together. */
export interface StepResult<State> {
  state: State;
  tables: readonly TableRows[];
  gaps: readonly Gap[];
  /** For the log and the next row of `collection_runs`: one line each, without names from Atlas. */
  warnings?: readonly string[];
  /** For the dataset's own metrics. Of equal names in one run, the highest value counts. */
  measures?: readonly Measure[];
  /** What of the target could not be read. It is reported, and a later run reads it. The rest is committed. */
  failures?: readonly PartFailure[];
}

/** A request for a part of a target that failed. */
export interface PartFailure {
  /** The part, in the words of Atlas's paths. */
  part: string;
  error: Failure['error'];
}

/** A metric of the dataset's own, in addition to those that every run has. */
export interface Measure {
  /** The metric's name, PascalCase. */
  name: string;
  unit: 'Seconds' | 'Count';
  value: number;
}

/** A span that can never be collected. */
export interface Gap {
  from: number;
  to: number;
  reason: string;
}

/**
 * The name of a target that is its source as a whole: a host, a project, a list without parents. Neither
 * Atlas's names nor encoded ones contain a dollar sign. It is not empty because DynamoDB rejects empty
 * attribute names.
 */
export const SELF = '$self';

/** Returns a target's label for reports: `host:port/database`. */
export function targetLabel({ source, name }: TargetKey): string {
  return name === SELF ? source : `${source}/${name}`;
}
