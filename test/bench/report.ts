import type { Bundle } from './bundles.ts';
import type { compaction } from './compaction.ts';
import type { CompressionLevel } from './compression-levels.ts';
import type { Comparison } from './floor.ts';
import type { Freshness } from './freshness.ts';
import type { Growth } from './growth.ts';
import type { Peak } from './memory.ts';
import type { queues } from './queues/bench.ts';
import { PEERS, type Requests } from './requests.ts';
import type { SmallRun } from './small-runs.ts';
import type { EngineComparison } from './trino/engines.ts';

/** When and where something was measured. */
export interface Measured {
  date: string;
  machine: string;
}

export interface Results extends Measured {
  points?: Comparison;
  entries?: Comparison;
  compression?: CompressionLevel[];
  requests?: Requests[];
  freshness?: Freshness[];
  rateLimit?: { requests: number; minutes: number; share: number };
  queues?: ReturnType<typeof queues>;
  growth?: Growth[];
  memory?: Peak[];
  functionMemory?: { entries: number; megabytes: number };
  bundles?: Bundle[];
  smallRuns?: SmallRun[];
  compaction?: Awaited<ReturnType<typeof compaction>>;
  engines?: Measured & { comparisons: EngineComparison[] };
}

/** Formats the available results as Markdown tables. */
export function markdown(results: Results): string {
  const { points, entries, compression, requests, rateLimit, queues, growth, memory, functionMemory } =
    results;
  const { bundles, compaction, freshness, smallRuns } = results;
  return [
    measured(results),
    section(
      'Speed, from response bytes to object, per core',
      ['data', 'compression', 'rows per second', 'floor, rows per second', 'processor time, in floors'],
      [comparison('points of disks', points), comparison('access log entries', entries)].flat(),
    ),
    section(
      "Levels of gzip and zstd, compared with gzip's default",
      ['data', 'compression', 'level', 'size', 'time to compress', 'time to decompress'],
      (compression ?? []).map(({ what, kind, level, size, time, reading }) => [
        what,
        kind,
        level,
        size.toFixed(3),
        time.toFixed(2),
        reading.toFixed(2),
      ]),
    ),
    section(
      'Requests to Atlas and AWS operations for the reference project',
      ['dataset', 'requests per hour', 'rows per hour', 'DynamoDB, per 1,000 rows', 'S3, per 1,000 rows'],
      (requests ?? []).map((one) => [
        one.dataset,
        one.requestsPerHour,
        one.rowsPerHour,
        one.dynamodbPerThousandRows ?? '–',
        one.s3PerThousandRows ?? '–',
      ]),
    ),
    section(
      'New objects a day for the reference project',
      ['dataset', 'rows of the dataset', 'rows of collection_runs', 'commit records'],
      (requests ?? []).map(({ dataset, objectsPerDay: { data, reports, records } }) => [
        dataset,
        data,
        reports,
        records,
      ]),
    ),
    section(
      'Age of values when they arrive in the lake, by schedule',
      ['dataset', 'tick, min', 'settle, min', 'median, min', '90 %, min', 'requests per hour'],
      (freshness ?? []).map((one) => [
        one.dataset,
        one.everyMinutes,
        one.settleMinutes,
        one.median.toFixed(1),
        one.p90.toFixed(1),
        one.requestsPerHour,
      ]),
    ),
    section(
      'Other collectors, by their own formulas',
      ['collector', 'requests per hour'],
      requests ? Object.entries(PEERS) : [],
    ),
    section(
      'A project that is far behind',
      ['requests', 'minutes until it has caught up', 'share of the permitted requests'],
      rateLimit
        ? [[rateLimit.requests, rateLimit.minutes.toFixed(1), `${(100 * rateLimit.share).toFixed(1)} %`]]
        : [],
    ),
    section(
      'Projects collected at a time that serve every tick (runs of 5 s)',
      [
        'dataset',
        'tick, min',
        ...(queues?.needs[0]?.needed ?? []).map(
          ({ projects }) => `${projects.toLocaleString('en-US')} projects`,
        ),
      ],
      (queues?.needs ?? []).map(({ name, everyMinutes, needed }) => [
        name,
        everyMinutes,
        ...needed.map(({ concurrency }) => concurrency ?? 'more'),
      ]),
    ),
    section(
      'Longest time without a run of a project, and projects without one for a day (two days, runs of 5 s)',
      [
        'settings',
        'projects',
        'dataset',
        'median, min',
        '99 %, min',
        'longest, min',
        'starved',
        'dead letters',
      ],
      (queues?.reports ?? []).flatMap(({ settings, projects, datasets }) =>
        datasets.map((one) => [
          settings,
          projects,
          one.name,
          one.median,
          one.p99,
          one.max,
          one.starved,
          one.dead,
        ]),
      ),
    ),
    section(
      'A tick of disks by number of projects (three processes each, 100 ms for each request)',
      ['projects', 'requests', 'seconds'],
      (growth ?? []).map((one) => [one.projects, one.requests, one.seconds]),
    ),
    section(
      'Peak memory of a function, as deployed',
      ['data', 'MB'],
      (memory ?? []).map(({ what, megabytes }) => [what, megabytes]),
    ),
    section(
      'Peak memory of the access log function with ten hosts, as deployed',
      ['entries in total, nearly 20,000 in each window', 'MB'],
      functionMemory ? [[functionMemory.entries, functionMemory.megabytes]] : [],
    ),
    section(
      'Bundles',
      ['function', 'kB', 'import, ms'],
      (bundles ?? []).map(({ name, bytes, importTime }) => [
        name,
        Math.round(bytes / 1_000),
        Math.round(importTime),
      ]),
    ),
    section(
      'Commands that have little to do: processor time with stand-ins, and peak memory without them',
      ['command', 'started from', 'processor time, s', 'memory, MiB'],
      (smallRuns ?? []).map(({ command, from, cpuSeconds, peakMebibytes }) => [
        command,
        from,
        cpuSeconds.toFixed(2),
        Math.round(peakMebibytes),
      ]),
    ),
    section(
      'Thirty days of a hundred disks, before and after compaction',
      ['question', 'MB read before', 'after', 'seconds before', 'after'],
      (compaction?.comparisons ?? []).map(({ question, ndjson, parquet }) => [
        question,
        (ndjson.bytes / 1e6).toFixed(1),
        (parquet.bytes / 1e6).toFixed(1),
        (ndjson.milliseconds / 1_000).toFixed(2),
        (parquet.milliseconds / 1_000).toFixed(2),
      ]),
    ),
    section(
      'Thirty days of a hundred disks in each engine: landing files (Trino), Iceberg (Trino), local Parquet (DuckDB)',
      ['question', 'MB: landing', 'Iceberg', 'Parquet', 'seconds: landing', 'Iceberg', 'Parquet'],
      (results.engines?.comparisons ?? []).map(({ question, landing, iceberg, parquet }) => [
        question,
        (landing.bytes / 1e6).toFixed(2),
        ratio(iceberg.bytes, landing.bytes),
        ratio(parquet.bytes, landing.bytes),
        (landing.milliseconds / 1_000).toFixed(2),
        ratio(iceberg.milliseconds, landing.milliseconds),
        ratio(parquet.milliseconds, landing.milliseconds),
      ]),
      measured(results.engines),
    ),
  ]
    .filter((text) => text !== '')
    .join('\n\n')
    .concat('\n\n');
}

function measured(its: Measured | undefined): string {
  return its === undefined ? '' : `Measured on ${its.date}: ${its.machine}.`;
}

/** Formats a measured value as a share of that of landing files. */
const ratio = (its: number, landing: number): string => `× ${(its / landing).toFixed(3)}`;

function comparison(what: string, measured: Comparison | undefined): Array<string | number>[] {
  if (!measured) return [];
  const { rows, floor, collector } = measured;
  const perSecond = (milliseconds: number) => Math.round((1_000 * rows) / milliseconds);
  return Object.entries(collector).map(([compression, time]) => [
    what,
    compression,
    perSecond(time),
    perSecond(floor),
    (time / floor).toFixed(2),
  ]);
}

function section(
  title: string,
  head: string[],
  rows: ReadonlyArray<ReadonlyArray<string | number>>,
  note = '',
): string {
  if (rows.length === 0) return '';
  const line = (cells: ReadonlyArray<string | number>) =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell)).join(' | ')} |`;
  return [
    `### ${title}`,
    '',
    ...(note === '' ? [] : [note, '']),
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
  ].join('\n');
}
