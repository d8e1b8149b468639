import type { FineGranularity } from '../measurements/granularity.ts';

/** What the configuration can change for a dataset, as far as the dataset has it. All durations in ms. */
export interface DatasetSettings {
  /** How long after its time a value counts as settled. */
  settle?: number;
  /** How far back the first run of a target goes. */
  backfill?: number;
  /** Of measurements: the granularity that is collected while Atlas holds it. */
  granularity?: FineGranularity;
  /** Of logs: how far behind its watermark a run reads again, for entries that come late; whole seconds. */
  overlap?: number;
  /** Of rankings: how many namespaces, the first ones, are measured as well. */
  namespaces?: number;
  /** Of resources that Atlas lists nowhere: their ids, by the type of resource and the project. */
  resources?: Readonly<Partial<Record<string, Readonly<Partial<Record<string, readonly string[]>>>>>>;
}

/** What measurement series have. */
export type SeriesSettings = Required<Pick<DatasetSettings, 'settle' | 'backfill' | 'granularity'>>;
