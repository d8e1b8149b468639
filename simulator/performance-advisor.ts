/** Computes what the Performance Advisor says, for tests. */

export { type AdviceSpan, type CreatedIndex, createdIndexes } from './performance-advisor/created.ts';
export {
  DROP_LISTS,
  type DroppedIndex,
  droppedIndexes,
  type SchemaAdvice,
  schemaRecommendations,
} from './performance-advisor/present.ts';
