import type { FineGranularity } from '../measurements/granularity.ts';

/** The settings that the configuration can change, if the dataset has them. All durations in ms. */
export interface DatasetSettings {
  /** How long after its timestamp a value counts as final. */
  settle?: number;
  /** How far back the first run of a target reads. */
  backfill?: number;
  /** For measurements: the granularity to collect while Atlas has it. */
  granularity?: FineGranularity;
  /**
   * For logs: the lookback, how far behind its watermark a run reads again for late entries; whole seconds.
   */
  overlap?: number;
  /** For rankings: the number of top namespaces that are measured as well. */
  namespaces?: number;
  /** For resources that Atlas does not list: their ids, by resource type and project. */
  resources?: Readonly<Partial<Record<string, Readonly<Partial<Record<string, readonly string[]>>>>>>;
}

/** The settings of measurement series. */
export type SeriesSettings = Required<Pick<DatasetSettings, 'settle' | 'backfill' | 'granularity'>>;
