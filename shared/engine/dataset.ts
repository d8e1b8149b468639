import type { AtlasSession } from '../atlas/api.ts';
import type { Listing } from '../atlas/listing.ts';
import type { Document } from '../cursors/document.ts';
import type { Subject, SubjectKind } from '../ids.ts';
import type { TableRows } from '../lake/table.ts';
import type { DatasetDeclaration } from './declaration.ts';
import type { RunTime } from './run-clock.ts';
import type { DatasetSettings } from './settings.ts';

/** A declaration with its collector. */
export interface Dataset<Settings extends DatasetSettings = DatasetSettings>
  extends DatasetDeclaration<Settings> {
  /** Returns the collector of one run. */
  collector(settings: Settings, kind: SubjectKind): Collector;
}

/** How the states of a dataset's targets are stored. */
export interface StateCodec<State extends TargetState> {
  /** The version of what `encode` returns. It rises with each change of the form; 1 is the form from before 0.1.0. */
  stateVersion: number;
  /** Returns the states of a cursor's targets in the form that is stored. */
  encode(states: ReadonlyMap<string, State>): Document;
  /**
   * Reads stored states, also those of earlier versions; `watermarks` names the targets.
   *
   * @param version of `stored`, from 1 to `stateVersion`
   */
  decode(stored: Document, watermarks: ReadonlyMap<string, number>, version: number): Map<string, State>;
  /** The most bytes that a state can take when stored. */
  sizeBound(state: State): number;
  /**
   * The most bytes that any state can take when stored, whatever it becomes: says how many targets of a source share an
   * item of its cursor. Without it, each has one of its own.
   */
  largestState?: number;
}

/**
 * How a dataset is collected: the engine asks it what there is, what to do next for a target, and what an answer
 * means. It knows Atlas and its own rows; it knows no DynamoDB and no S3. `State` is what is known of a target.
 */
export interface TypedCollector<State extends TargetState> extends StateCodec<State> {
  /** The units of cursors: processes, hosts, or the project itself. */
  listSources(atlas: AtlasSession, subject: Subject, known: KnownSources): Promise<Listing<Source>>;
  /** The targets of one source; asked once an hour. Null when Atlas does not say: they stay as they are. */
  listTargets(atlas: AtlasSession, subject: Subject, source: Source): Promise<Listing<string> | null>;
  /** What is known of a target that is seen for the first time. */
  firstState(target: TargetName, time: RunTime): State;
  /** The next thing to do for a target in this run, or null when all is done. */
  nextStep(target: Target<State>, time: RunTime): Step<State> | null;
  /**
   * Returns the state as it can be once its watermark, which a clock that was ahead has put into the future, lies at an instant
   * or before it: what Atlas still holds is read again as far as what is in the lake can be told from it. Returns the same
   * state where it is better to wait for its watermark.
   */
  pulledBack?(state: State, instant: number): State;
  /** The latest instant up to which something counts as read; the watermark, where this is left out. */
  furthest?(state: State): number;
  /** Reduces a state to what must be kept of a target that is long gone, for the day that it comes back. */
  dormant?(state: State): State;
  /** How many steps run at a time, where their answers are too large for the usual number. */
  concurrency?: number;
}

export interface TargetState {
  /** How far the target has been read and committed without a break, ms since the epoch. */
  watermark: number;
  /** Atlas has nothing of this kind for the target: it is not behind, though its watermark stands still. */
  idle?: boolean;
}

export interface Source {
  id: string;
  /**
   * What rows say of it: cluster, replica set, type. Kept in the cursor while the source is not listed; so is what is left
   * out here because it is not known now.
   */
  attributes: SourceAttributes;
  /** False for what is listed without data, as a host that is down: it is only asked for what it had before. */
  askable: boolean;
  /**
   * Whose targets its list names, and which of them; all of its own where it is left out. So a long list can be read part
   * by part, each of which is kept, and all targets stay with one source.
   */
  lists?: { of: string; covers(name: string): boolean };
}

export type SourceAttributes = Readonly<Record<string, string | null>>;

/** The attributes that were stored less than an hour ago, by the source's id. */
export type KnownSources = ReadonlyMap<string, SourceAttributes>;

export interface TargetName {
  subject: Subject;
  source: string;
  name: string;
}

export interface Target<State> extends TargetName {
  attributes: SourceAttributes;
  /** The first of the runs that have missed it in Atlas's lists since it last was there, ms; null while it is listed. */
  missingSince: number | null;
  /** Its source is listed, without data. Then `missingSince` is the first of the runs that have seen it so. */
  silent?: boolean;
  /** When Atlas last listed the targets of its source, ms; null when it never has. */
  listingAt: number | null;
  state: State;
}

/** One request for one target, or a gap to record. */
export type Step<State> = (atlas: AtlasSession, collectedAt: () => number) => Promise<StepResult<State>>;

/** What a step found. Rows, gaps and the new state are committed together. */
export interface StepResult<State> {
  state: State;
  tables: readonly TableRows[];
  gaps: readonly Gap[];
  /** For the log and the next row of `collection_runs`: one line each, without names from Atlas. */
  warnings?: readonly string[];
  /** For metrics of the dataset's own; of equal names in one run the highest counts. */
  measures?: readonly Measure[];
}

/** A figure of a dataset's own, beside those that every run has. */
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
 * The name of a target that is its source as a whole: a host, a project, a list without parents. Neither Atlas's names
 * nor encoded ones hold a dollar sign. It is not empty, since DynamoDB takes no empty name for a part of an item.
 */
export const SELF = '$self';

/** A target's label in reports: `host:port/database`. */
export function targetLabel({ source, name }: { source: string; name: string }): string {
  return name === SELF ? source : `${source}/${name}`;
}

/** A collector whose states only it can read. */
export type Collector = {
  /** Runs `use` with the collector, whatever its states are. */
  open<Result>(use: <State extends TargetState>(collector: TypedCollector<State>) => Result): Result;
};

export function collector<State extends TargetState>(typed: TypedCollector<State>): Collector {
  return { open: (use) => use(typed) };
}
