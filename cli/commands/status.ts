import { datasets } from '../../functions/datasets.ts';
import { parseConfig, settingsFor } from '../../shared/config.ts';
import type { PartitionKey } from '../../shared/cursors/header.ts';
import { MINUTE } from '../../shared/durations.ts';
import { decodeCursors } from '../../shared/engine/cursor-codec.ts';
import { committedUpTo, targetLabel } from '../../shared/engine/dataset.ts';
import { parseRunStatistics, type RunStatistics } from '../../shared/engine/run-statistics.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { lakeExists, withLake } from '../lake-session.ts';
import type { LocalAws } from '../local-aws.ts';
import { plainTable } from '../plain-table.ts';

export interface StatusOptions {
  lake: string;
  targets: boolean;
  json: boolean;
}

interface TargetStatus {
  target: string;
  committedUpTo: number;
  listed: boolean;
}

interface DatasetStatus extends PartitionKey {
  targets: TargetStatus[];
  statistics: RunStatistics;
}

/** Prints one row for each dataset and project: how far it is committed, and how its last run ended. */
export async function status(options: StatusOptions): Promise<number> {
  if (!(await lakeExists(options.lake))) {
    throw new UsageFailure(
      `there is no lake in ${options.lake}: collect first, or choose another folder (--lake DIR)`,
    );
  }
  const all = await withLake(options.lake, readStatus);
  const now = Date.now();
  if (options.json) {
    process.stdout.write(`${JSON.stringify(all.map((one) => jsonStatus(one, options.targets, now)))}\n`);
    return EXIT.done;
  }
  process.stdout.write(`${options.targets ? targetTable(all, now) : datasetTable(all, now)}\n`);
  return EXIT.done;
}

async function readStatus({ cursors, readHeaders }: LocalAws): Promise<DatasetStatus[]> {
  const headers = await readHeaders();
  const all: DatasetStatus[] = [];
  for (const { scope, header } of headers) {
    const dataset = datasets.find(({ name }) => name === scope.dataset);
    if (!dataset) continue;
    const items = await cursors.readCursors(scope);
    const statistics = parseRunStatistics(header.statistics);
    const lastTick = statistics.last_run?.tick ?? 0;
    const settings = settingsFor(dataset, parseConfig({}, []));
    const targets = dataset.withCodec(settings, (codec) =>
      [...decodeCursors(codec, items).values()].flatMap(({ source, targets }) =>
        [...targets].map(([name, { state, listed }]) => ({
          target: targetLabel({ source, name }),
          committedUpTo: committedUpTo(state, lastTick),
          listed,
        })),
      ),
    );
    all.push({ ...scope, targets, statistics });
  }
  return all.sort((a, b) => order(a).localeCompare(order(b)));
}

function order({ dataset, subject: project }: PartitionKey): string {
  return `${dataset}/${project}`;
}

/** Returns how far the listed target that is furthest behind is committed; null if no target is listed. */
function furthestBehind({ targets }: DatasetStatus): number | null {
  const watermarks = targets.filter(({ listed }) => listed).map((target) => target.committedUpTo);
  return watermarks.length === 0 ? null : Math.min(...watermarks);
}

function jsonStatus(one: DatasetStatus, withTargets: boolean, now: number) {
  const upTo = furthestBehind(one);
  const last = one.statistics.last_run;
  return {
    dataset: one.dataset,
    project: one.subject,
    targets: one.targets.length,
    committedUpTo: upTo === null ? null : iso(upTo),
    lagSeconds: upTo === null ? null : Math.round((now - upTo) / 1000),
    gaps: one.statistics.gaps,
    lastRun: last && {
      tick: iso(last.tick),
      startedAt: iso(last.started_at),
      finishedAt: iso(last.finished_at),
      outcome: last.outcome,
      failedTargets: last.failed_targets,
    },
    ...(withTargets && {
      targetList: one.targets.map(({ target, listed, ...rest }) => ({
        target,
        listed,
        committedUpTo: iso(rest.committedUpTo),
      })),
    }),
  };
}

function datasetTable(all: readonly DatasetStatus[], now: number): string {
  return plainTable(
    ['dataset', 'project', 'targets', 'committed up to', 'lag', 'gaps', 'last run'],
    all.map((one) => {
      const upTo = furthestBehind(one);
      const last = one.statistics.last_run;
      return [
        one.dataset,
        one.subject,
        one.targets.length,
        upTo === null ? '–' : minute(upTo),
        upTo === null ? '–' : span(now - upTo),
        one.statistics.gaps,
        last ? `${minute(last.started_at)} ${last.outcome}` : '–',
      ];
    }),
  );
}

function targetTable(all: readonly DatasetStatus[], now: number): string {
  return plainTable(
    ['dataset', 'project', 'target', 'committed up to', 'lag'],
    all.flatMap(({ dataset, subject: project, targets }) =>
      targets.map(({ target, committedUpTo: upTo, listed }) => [
        dataset,
        project,
        listed ? target : `${target} (no longer listed)`,
        minute(upTo),
        span(now - upTo),
      ]),
    ),
  );
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}

/** Formats an instant as `2026-11-24 12:00Z`. */
function minute(instant: number): string {
  return `${iso(instant).slice(0, 16).replace('T', ' ')}Z`;
}

/** Formats a duration as `25 min`, `3.5 h` or `12 d`, or as `12 d ahead` if a wrong clock put it in the future. */
function span(milliseconds: number): string {
  if (milliseconds <= -MINUTE) return `${span(-milliseconds)} ahead`;
  const minutes = Math.round(Math.abs(milliseconds) / MINUTE);
  if (minutes < 120) return `${minutes} min`;
  const hours = minutes / 60;
  return hours < 72 ? `${hours.toFixed(1)} h` : `${Math.round(hours / 24)} d`;
}
