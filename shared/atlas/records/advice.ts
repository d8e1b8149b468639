/** The readable items of a list of advice, and how many others there are. */
export interface AdviceList<T> {
  items: T[];
  unreadable: number;
}

/** An index that the Performance Advisor suggests to create. */
export interface SuggestedIndex {
  namespace: string;
  /** The keys in their order, as JSON: `[{"status":1},{"ts":-1}]`. */
  keys: string;
  /** The improvement that Atlas estimates. */
  weight: number | null;
  /** Bytes. */
  avgObjSize: number | null;
  /** How many query shapes it would help. */
  shapes: number;
  /** What Atlas says of these shapes. */
  helped: HelpedShape[];
}

/** A query shape that a suggested index would help: how many queries of it were examined. */
export interface HelpedShape {
  avgMs: number | null;
  count: number | null;
  /** How many documents were read for each one that was returned. */
  inefficiencyScore: number | null;
}

/** An index that the Performance Advisor suggests to remove. */
export interface RemovableIndex {
  reason: 'HIDDEN' | 'REDUNDANT' | 'UNUSED';
  namespace: string;
  /** The keys in their order, as JSON. */
  keys: string;
  name: string | null;
  /** How often the index was used since `since`. */
  accessCount: number | null;
  /** ms since the epoch */
  since: number | null;
  sizeBytes: number | null;
  shards: string[];
}

/** A recommendation of the Performance Advisor for schemas. */
export interface SchemaRecommendation {
  /** REDUCE_LOOKUP_OPS, AVOID_UNBOUNDED_ARRAY, …; Atlas may add others. */
  recommendation: string;
  description: string | null;
  affectedNamespaces: {
    namespace: string | null;
    triggers: { triggerType: string | null; description: string | null }[];
  }[];
}

/** What Query Shape Insights counts of one shape of queries in a span. Any field except the hash may be missing. */
export interface QueryShape {
  hash: string;
  namespace: string | null;
  /** The command: find, aggregate, distinct. */
  command: string | null;
  /** Whether the cluster itself sent the queries. */
  systemQuery: boolean | null;
  execCount: number | null;
  docsExamined: number | null;
  docsReturned: number | null;
  keysExamined: number | null;
  bytesRead: number | null;
  totalWorkingMillis: number | null;
  avgWorkingMillis: number | null;
  /** How long the last query took. */
  lastExecMicros: number | null;
}
