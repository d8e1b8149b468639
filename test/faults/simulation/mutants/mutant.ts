import type { Topic } from '../history.ts';

/** A bug that a developer could make, as changes of the sources. */
export interface Mutant {
  name: string;
  /** The topic of the histories that find the bug, if it differs from the topic that the seeds choose. */
  topic?: Topic;
  /** The test file that must fail with the bug, if histories cannot find it. */
  readonly test?: string;
  changes: ReadonlyArray<{
    file: string;
    /** Occurs exactly once in the file. */
    text: string;
    replacement: string;
  }>;
}
