import { MINUTE } from '../../../../shared/durations.ts';
import { instantOf } from '../../../support/times.ts';
import { type BackfillCommand, commandOf } from '../backfills.ts';
import type { Commit } from '../commit-observer.ts';
import type { History } from '../history.ts';
import type { RunRecord, World } from '../world.ts';
import type { Advance, TrackedTarget } from './advances.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { intervalStart, RESOLUTIONS, resolutionOf } from './points.ts';
import { runsOf, settingsOf } from './runs.ts';
import { isSelecting } from './selection.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import type { Period } from './spans.ts';

/** A part of a gap that the lake says is filled. */
export interface FilledPart extends Period {
  gap: Period;
  sequence: number;
}

/** What backfills did to one target. */
export interface TargetBackfills {
  /** The commands of the dataset. */
  commands: readonly BackfillCommand[];
  filled: readonly FilledPart[];
  /** Returns whether a command certainly reads the target's cluster. */
  isRead(command: BackfillCommand): boolean;
  /** Returns the command whose commit brought a row; undefined if it was a run of the collector. */
  commandOf(row: Pick<CommittedRow, 'sequence'>): BackfillCommand | undefined;
}

/**
 * Returns what backfills did to a target.
 *
 * @param label the target's name in gaps
 * @param reading the runs that read its cluster
 */
export function backfillsOfTarget(
  { history, world, lake }: Omit<SimulatedHistory, 'organisation'>,
  { dataset, subject }: Pick<TrackedTarget, 'dataset' | 'subject'>,
  { label, reading }: { label: string; reading: readonly RunRecord[] },
): TargetBackfills {
  const runs = runsOf(world, { dataset, subject });
  const commands = world.backfills.filter((command) => command.dataset === dataset);
  const own = world.observer.commits.filter(
    (commit) => commit.dataset === dataset && commit.subject === subject,
  );
  const bySequence = new Map(own.map((commit) => [commit.sequence, commandIn(world, commit)]));
  const filled = lake
    .rows('filled_gaps')
    .filter((row) => row.dataset === dataset && row.subject === subject && row.values['target'] === label)
    .map((row) => ({
      gap: { from: row.ts, to: endOf(row) },
      from: instantOf(row.values['filled_from']),
      to: instantOf(row.values['filled_to']),
      sequence: row.sequence,
    }));
  return {
    commands,
    filled,
    isRead: (command) => !isSelecting(history) || isSelected(command, { history, runs, reading }),
    commandOf: ({ sequence }) => bySequence.get(sequence),
  };
}

/** Returns whether a command certainly read a cluster: by all runs since the last complete one, the settings select it. */
function isSelected(
  { startedAt, endedAt = startedAt }: BackfillCommand,
  { history, runs, reading }: { history: History; runs: readonly RunRecord[]; reading: readonly RunRecord[] },
): boolean {
  const last = runs.findLast(
    ({ finishedAt = Infinity, result }) => finishedAt <= startedAt && result?.outcome === 'complete',
  );
  if (!last || history.restore) return false;
  return runs
    .filter((run) => run.startedAt >= last.startedAt && run.startedAt <= endedAt)
    .every((run) => reading.includes(run));
}

/** Returns the command whose run wrote a commit; undefined if it was a run of the collector. */
export function commandIn({ backfills }: World, { run }: Commit): BackfillCommand | undefined {
  const name = commandOf(run);
  return name === undefined ? undefined : backfills.find((command) => command.name === name);
}

/** What a command had to read of a target, if it ended as complete. */
export interface Duty extends Period {
  command: BackfillCommand;
  /** How long Atlas had to have what had to be read. */
  during: Period;
  /** The last move of the target's watermark before the command. */
  advance: Advance;
}

/** Returns whether a row was not deleted before a command. What was deleted meanwhile may or may not be read again. */
export function isThereFor(
  { deletedAt = Number.POSITIVE_INFINITY }: Pick<CommittedRow, 'deletedAt'>,
  { startedAt }: Pick<BackfillCommand, 'startedAt'>,
): boolean {
  return deletedAt >= startedAt;
}

/** How far a clock may be behind, and a minute that may not be whole. */
const CLOCKS_APART = 3 * MINUTE;

/** Returns what each command that ended as complete had to read of a target, which the lake knew before. */
export function dutiesOf(
  { commands, isRead: reads }: TargetBackfills,
  advances: readonly Advance[],
  subject: string,
): Duty[] {
  return commands.flatMap((command) => {
    const { isDone, isDryRun, results = [], endedAt, startedAt, period } = command;
    const advance = knownBefore(advances, command);
    const isRead = reads(command) && results.some((result) => String(result.subject.id) === subject);
    if (!isDone || isDryRun || endedAt === undefined || !isRead || !advance) return [];
    const during = { from: startedAt, to: endedAt };
    // What has not settled is left to the runs. A clock may be behind.
    const settled = startedAt - settingsOf(command).settle - CLOCKS_APART;
    const to = Math.min(period.to, advance.to, settled);
    return [{ command, during, advance, from: period.from, to }];
  });
}

/** Returns the last move before a command that no restored table has lost. */
export function knownBefore(
  advances: readonly Advance[],
  { commitsBefore }: Pick<BackfillCommand, 'commitsBefore'>,
): Advance | undefined {
  return advances.findLast(({ place, lostFrom }) => place < commitsBefore && lostFrom >= commitsBefore);
}

/** Returns whether a row may lie in a gap, because a backfill brought it, and says so if it ended as complete. */
export function mayBeInGap(
  row: Pick<CommittedRow, 'sequence' | 'subject'>,
  time: Period,
  gap: CommittedRow,
  { filled, commandOf: its }: TargetBackfills,
): boolean {
  const command = its(row);
  if (!command || row.sequence <= gap.sequence) return false;
  const parts = filled.filter((part) => part.gap.from === gap.ts && part.gap.to === endOf(gap));
  if (parts.some((part) => part.from < time.to && time.from < part.to)) return true;
  const findings = command.results?.find(({ subject }) => String(subject.id) === row.subject)?.findings;
  // A part of which some was refused or not written counts as not filled.
  return !command.isDone || findings === undefined || findings.covered > 0 || findings.refusals.size > 0;
}

/** Returns the time that a row stands for. */
export function timeOf(values: CommittedRow['values'], ts: number): Period {
  if (!RESOLUTIONS.some(({ granularity }) => granularity === values['granularity']))
    return { from: ts, to: ts + 1 };
  const resolution = resolutionOf(values['granularity']);
  const from = intervalStart(resolution, ts);
  return { from, to: from + resolution.interval };
}
