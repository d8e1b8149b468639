/** A mistake that somebody could make, as changes of the sources. */
export interface Mutant {
  name: string;
  changes: ReadonlyArray<{
    file: string;
    /** Occurs exactly once. */
    text: string;
    replacement: string;
  }>;
}
