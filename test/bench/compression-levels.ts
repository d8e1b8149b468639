import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Compression } from '../../shared/lake/compression.ts';
import { entryFiles } from './entry-throughput.ts';
import { median, timed } from './floor.ts';
import { pointFiles } from './point-throughput.ts';

const LEVELS: ReadonlyArray<readonly [Compression, number]> = [
  ...[1, 3, 4, 5, 6, 9].map((level) => ['gzip', level] as const),
  ...[1, 2, 3, 6].map((level) => ['zstd', level] as const),
];

/** zlib's default level, the baseline of the comparison. */
const DEFAULT = 6;

const ROUNDS = 5;

export interface CompressionLevel {
  what: string;
  kind: Compression;
  level: number;
  /** Size and times are relative to gzip at zlib's default level. */
  size: number;
  time: number;
  reading: number;
}

/** Measures the size and time of each level for the lake's lines. */
export async function compressionLevels(): Promise<CompressionLevel[]> {
  const points = linesOf(await pointFiles());
  const entries = linesOf(await entryFiles());
  return [...(await levelsOf('points of disks', points)), ...(await levelsOf('access log entries', entries))];
}

function linesOf(files: ReadonlyArray<{ body: Buffer }>): Buffer {
  return Buffer.concat(files.map(({ body }) => gunzipSync(body)));
}

async function levelsOf(what: string, lines: Buffer): Promise<CompressionLevel[]> {
  const measured = LEVELS.map(([kind, level]) => ({
    kind,
    level,
    packed: packed(kind, level, lines),
    times: [] as number[],
    readings: [] as number[],
  }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { kind, level, packed: body, times, readings } of measured) {
      times.push(await timed(() => packed(kind, level, lines)));
      readings.push(await timed(() => (kind === 'gzip' ? gunzipSync(body) : zstdDecompressSync(body))));
    }
  }
  const base = measured.find(({ kind, level }) => kind === 'gzip' && level === DEFAULT);
  if (!base) throw new Error('the baseline was not measured');
  return measured.map(({ kind, level, packed: body, times, readings }) => ({
    what,
    kind,
    level,
    size: body.length / base.packed.length,
    time: median(times) / median(base.times),
    reading: median(readings) / median(base.readings),
  }));
}

function packed(kind: Compression, level: number, lines: Buffer): Buffer {
  return kind === 'gzip'
    ? gzipSync(lines, { level })
    : zstdCompressSync(lines, { params: { [constants.ZSTD_c_compressionLevel]: level } });
}
