import { HOUR, MINUTE, SECOND } from '../../../../shared/durations.ts';
import type { BackfillCommand } from '../backfills.ts';
import type { RunRecord } from '../world.ts';
import type { Advance } from './advances.ts';
import { dutiesOf, isThereFor, type TargetBackfills } from './backfills.ts';
import { formatInstant } from './instants.ts';
import type { CommittedRow } from './lake.ts';
import { settingsOf } from './runs.ts';
import { contains, type Period } from './spans.ts';

/** An entry of Atlas, by the id of its row. */
export interface ExpectedEntry {
  id: string;
  second: number;
  visibleFrom: number;
  visibleUntil: number;
}

/** The entries of one target, and what became of them. */
export interface EntryFacts {
  backfills: TargetBackfills;
  advances: readonly Advance[];
  subject: string;
  /** The longest time before a watermark that any run reads again. */
  longestOverlap: number;
  rows: readonly CommittedRow[];
  /** Returns the id of a row. */
  idOf(row: CommittedRow): string;
  entries(from: number, to: number): readonly ExpectedEntry[];
  isListed(at: number): boolean;
}

/** Returns the time of which a target can have rows: what its watermark passed, and what backfills read. */
export function spanOf(
  advances: readonly Advance[],
  { commands }: Pick<TargetBackfills, 'commands'>,
): Period {
  const [first = 0] = advances.map(({ start }) => start).sort((a, b) => a - b);
  if (advances.length === 0) return { from: 0, to: 0 };
  const from = Math.min(first, ...commands.map(({ period }) => period.from));
  return { from, to: Math.max(first, ...advances.map(({ to }) => to)) };
}

/** Returns how far before a watermark any run reads again. */
export function longestOverlapOf(runs: readonly RunRecord[]): number {
  return Math.max(0, ...runs.map((run) => settingsOf(run).overlap ?? 0)) + SECOND;
}

/** How far clocks may be apart, and how long an answer may take. */
const TOLERANCE = 15 * MINUTE;

/**
 * Checks that what Atlas showed during a whole backfill is there: of its period, if it ended as complete, and of the parts
 * of gaps that it filled. Each of those has a row.
 */
export function checkBackfilledEntries(facts: EntryFacts): string[] {
  const { backfills, advances, subject, longestOverlap, rows, isListed } = facts;
  const violations: string[] = [];
  for (const { command, during, advance, from, to } of dutiesOf(backfills, advances, subject)) {
    // What runs may read again is left to them.
    const end = Math.min(to, advance.to - longestOverlap);
    if (![during.from, during.to].every(isListed)) continue;
    violations.push(
      ...missedEntries(facts, { from, to: end }, { ...during, command }).map(
        (text) => `${text} by ${command.name}`,
      ),
    );
  }
  for (const part of backfills.filled) {
    const command = backfills.commandOf(part);
    if (!command) continue;
    const during = { from: command.startedAt, to: command.endedAt ?? command.startedAt + HOUR };
    violations.push(
      ...missedEntries(facts, part, { ...during, command }).map((text) => `${text} in a filled gap`),
    );
    if (!rows.some(({ ts }) => contains(part, ts)))
      violations.push(`a part of a gap is filled without a row: ${formatInstant(part.from)}`);
  }
  return violations;
}

function missedEntries(
  { entries, rows, idOf }: EntryFacts,
  { from, to }: Period,
  during: Period & { command: BackfillCommand },
): string[] {
  const ids = new Set(rows.filter((row) => isThereFor(row, during.command)).map(idOf));
  return entries(from, to)
    .filter(
      ({ id, visibleFrom, visibleUntil }) =>
        visibleFrom <= during.from && visibleUntil > during.to + TOLERANCE && !ids.has(id),
    )
    .map(({ second }) => `missing: an entry of ${formatInstant(second)}, not read again`);
}
