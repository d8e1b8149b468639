/** How many suggestions the Performance Advisor can have for a cluster. Default: none. */
export interface AdviceShape {
  /** Indexes to create. */
  indexes?: number;
  /** Indexes to drop. */
  drops?: number;
  /** Recommendations for schemas. */
  schemas?: number;
}

export type AdviceRules = Required<AdviceShape>;

export function adviceRules({ indexes = 0, drops = 0, schemas = 0 }: AdviceShape = {}): AdviceRules {
  return { indexes, drops, schemas };
}
