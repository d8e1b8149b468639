import type { AtlasSession } from '../../shared/atlas/api.ts';
import type { Collector, OwnerAttributes, TargetName } from '../../shared/collection/dataset.ts';
import { BatchFiles } from '../../shared/lake/batch-files.ts';
import { Redactor } from '../../shared/lake/redaction.ts';
import type { TableRows } from '../../shared/lake/table.ts';

const ROUNDS = 7;

/** Milliseconds of processor time, all threads, for the same work, as plainly as can be and by the collector; medians. */
export interface Comparison {
  rows: number;
  floor: number;
  collector: number;
}

/** Alternates the two, so that what else the machine does hits both. */
export async function compare(plainly: () => void, byCollector: () => Promise<number>): Promise<Comparison> {
  const rows = await byCollector();
  const floors: number[] = [];
  const collectors: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    floors.push(await timed(plainly));
    collectors.push(await timed(byCollector));
  }
  return { rows, floor: median(floors), collector: median(collectors) };
}

/** All steps of one target from its first state on, into the lake's files; how many rows there are. */
export function allSteps(
  dataset: Collector,
  about: {
    target: TargetName;
    attributes: OwnerAttributes;
    now: number;
    atlas: AtlasSession;
    onRows?: (rows: TableRows) => void;
  },
): Promise<number> {
  const { target, attributes, now, atlas, onRows } = about;
  return dataset.open(async (collector) => {
    const time = { tick: now, now };
    let state = collector.firstState(target, time);
    const files = new BatchFiles(new Redactor({}, null));
    let rows = 0;
    for (;;) {
      const step = collector.nextStep(
        { ...target, attributes, missingSince: null, listingAt: now, state },
        time,
      );
      if (!step) break;
      const outcome = await step(atlas, () => now);
      for (const tableRows of outcome.tables) {
        rows += tableRows.rows.length;
        onRows?.(tableRows);
        await files.add(tableRows);
      }
      state = outcome.state;
    }
    await files.finish();
    return rows;
  });
}

/** Processor time: what else the machine does counts for nothing. */
async function timed(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
