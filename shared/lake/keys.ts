import type { ProjectId } from '../ids.ts';

export interface ObjectName {
  table: string;
  /** The partition: the UTC day of the events, `YYYY-MM-DD`. */
  day: string;
  project: ProjectId;
  /** The dataset whose header gave the sequence. */
  dataset: string;
  /** The header's sequence at the announcement: no key is ever used by two batches. */
  sequence: number;
  part: number;
}

/** `<table>/dt=YYYY-MM-DD/<projectId>-<dataset>-<sequence>-<part>.json.gz` */
export function objectKey({ table, day, project, dataset, sequence, part }: ObjectName): string {
  const number = String(sequence).padStart(10, '0');
  return `${table}/dt=${day}/${project}-${dataset}-${number}-${part}.json.gz`;
}

/** The day in a key that `objectKey` made; undefined for any other text. */
export function dayOfKey(key: string): string | undefined {
  return /\/dt=(\d{4}-\d{2}-\d{2})\//.exec(key)?.[1];
}
