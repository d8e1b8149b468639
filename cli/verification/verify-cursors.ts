import type { Header, PartitionKey } from '../../shared/cursors/header.ts';
import { DAY } from '../../shared/durations.ts';
import { decodeCursors } from '../../shared/engine/cursor-codec.ts';
import { type Dataset, SELF, targetLabel } from '../../shared/engine/dataset.ts';
import { storedInstant } from '../../shared/lake/stored-rows.ts';
import type { Table } from '../../shared/lake/table.ts';
import { decoded, UNREADABLE, type Unreadable } from './damage.ts';
import type { Findings } from './findings.ts';
import type { LakeSource, StoredHeader } from './lake-source.ts';

/**
 * A listed disk or database has values continuously, at least one a day. If its last row or gap is older than its
 * watermark by more than this, data is missing that the collector recorded as written.
 */
const MAX_SILENCE = 2 * DAY;

/** The time of the last row or gap, by dataset, project and target. */
export class Reaches {
  readonly #reached = new Map<string, number>();

  /** Records a row of a target's values, or a gap of a target. */
  see(table: Table, row: Readonly<Record<string, unknown>>): void {
    if (table.name === 'collection_gaps') {
      this.#note(String(row['dataset']), row['project_id'], String(row['target']), row['gap_end']);
      return;
    }
    if (table.target === undefined) return;
    const [source, name] = table.target;
    const target = { source: String(row[source]), name: name === undefined ? SELF : String(row[name]) };
    this.#note(table.name, row['project_id'], targetLabel(target), row['ts']);
  }

  of({ dataset, subject: project }: PartitionKey, target: string): number | undefined {
    return this.#reached.get(`${dataset}/${project}/${target}`);
  }

  #note(dataset: string, project: unknown, target: string, timestamp: unknown): void {
    const key = `${dataset}/${String(project)}/${target}`;
    const at = storedInstant(timestamp);
    if (at > (this.#reached.get(key) ?? Number.NEGATIVE_INFINITY)) this.#reached.set(key, at);
  }
}

/** Tells whether a batch is announced that no run works on. A run that holds its lease is still writing it. */
export function hasOrphanedBatch({ pending, holder, leaseUntil }: Header, now: number): boolean {
  return pending !== null && !(holder !== null && leaseUntil > now);
}

/**
 * Checks the header of a dataset and project.
 * @param last the last recorded batch, which was read before the header; null if there is none
 */
export function verifyHeader(
  { scope, header }: StoredHeader,
  last: number | null,
  { findings, now }: { findings: Findings; now: number },
): void {
  // The first check of the headers reports it.
  if (header === UNREADABLE) return;
  const where = { table: scope.dataset, day: null };
  if (header.pending) {
    if (hasOrphanedBatch(header, now)) {
      findings.add('pending', where, scope.subject, header.pending.objects.length);
    }
    return;
  }
  if (header.isBehind || (last !== null && last > (header.batch ?? 0))) {
    findings.add('behind', where, scope.subject);
  }
}

/** How far a target was read that has values all the time. */
export interface TargetMark {
  label: string;
  watermark: number;
}

/** Reads how far the listed targets of a dataset and project were read; none if they may have no values for days. */
export async function readMarks(
  source: Pick<LakeSource, 'cursors'>,
  scope: PartitionKey,
  dataset: Dataset | undefined,
): Promise<TargetMark[] | Unreadable> {
  const [table] = dataset?.tables ?? [];
  if (dataset === undefined || table?.target === undefined) return [];
  const items = await source.cursors(scope);
  return decoded(() =>
    dataset.withCodec(dataset.defaults, (codec) =>
      [...decodeCursors(codec, items).values()].flatMap(({ source: owner, targets }) =>
        [...targets]
          .filter(([, { listed, state }]) => listed && !state.idle)
          .map(([name, { state }]) => ({
            label: targetLabel({ source: owner, name }),
            watermark: state.watermark,
          })),
      ),
    ),
  );
}

/** Compares how far targets were read with their rows and gaps, which were read later. */
export function verifyMarks(
  scope: PartitionKey,
  marks: readonly TargetMark[],
  { findings, reaches }: { findings: Findings; reaches: Reaches },
): void {
  for (const { label, watermark } of marks) {
    const reach = reaches.of(scope, label);
    if (reach !== undefined && watermark - reach > MAX_SILENCE) {
      findings.add('unbacked', { table: scope.dataset, day: null }, label);
    }
  }
}
