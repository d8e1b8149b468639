import type { Subject } from '../history.ts';

/** A mistake that somebody could make, as changes of the sources. */
export interface Mutant {
  name: string;
  /** What the histories are about that show it, where it is not what their seeds say. */
  subject?: Subject;
  /** The file of tests that must fail with it, where histories do not show it. */
  readonly test?: string;
  changes: ReadonlyArray<{
    file: string;
    /** Occurs exactly once. */
    text: string;
    replacement: string;
  }>;
}
