import type { Subject } from '../history.ts';

/** A bug that a developer could make, as changes of the sources. */
export interface Mutant {
  name: string;
  /** The subject of the histories that find the bug, if it differs from the subject that the seeds choose. */
  subject?: Subject;
  /** The test file that must fail with the bug, if histories cannot find it. */
  readonly test?: string;
  changes: ReadonlyArray<{
    file: string;
    /** Occurs exactly once in the file. */
    text: string;
    replacement: string;
  }>;
}
