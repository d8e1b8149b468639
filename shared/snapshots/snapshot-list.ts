import type { AtlasSession } from '../atlas/api.ts';
import type { ProjectId } from '../ids.ts';
import type { TableRows } from '../lake/table.ts';

/** A list that Atlas computes for a cluster, of which a dataset takes snapshots. */
export interface SnapshotList {
  /** The name of its target. */
  name: string;
  /** What it lists, for notes and gaps: `suggested indexes`. */
  contents: string;
  /** Whether Atlas computes it for a past window. Otherwise it is about the time of the request. */
  isOfWindow: boolean;
  /** Reads it once. */
  read(request: SnapshotRequest): Promise<Snapshot>;
}

/** What to read, and where. */
export interface SnapshotRequest {
  atlas: AtlasSession;
  project: ProjectId;
  cluster: string;
  /** The day or hour of the snapshot; `to` is exclusive. */
  from: number;
  to: number;
  collectedAt(): number;
}

/** The rows of one snapshot. */
export interface Snapshot {
  tables: readonly TableRows[];
  /** Whether the list was empty. */
  isEmpty: boolean;
  /** How many of its items could not be read. */
  unreadable: number;
}
