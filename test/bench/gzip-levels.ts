import { gunzipSync, gzipSync } from 'node:zlib';
import { entryFiles } from './entry-throughput.ts';
import { median, timed } from './floor.ts';
import { pointFiles } from './point-throughput.ts';

const LEVELS = [1, 3, 4, 5, 6, 9];

/** zlib's default level, the baseline of the comparison. */
const DEFAULT = 6;

const ROUNDS = 5;

export interface GzipLevel {
  what: string;
  level: number;
  /** Size and time are relative to zlib's default level. */
  size: number;
  time: number;
}

/** Measures the size and time of each gzip level for the lake's lines. */
export async function gzipLevels(): Promise<GzipLevel[]> {
  const points = linesOf(await pointFiles());
  const entries = linesOf(await entryFiles());
  return [...(await levelsOf('points of disks', points)), ...(await levelsOf('access log entries', entries))];
}

function linesOf(files: ReadonlyArray<{ body: Buffer }>): Buffer {
  return Buffer.concat(files.map(({ body }) => gunzipSync(body)));
}

async function levelsOf(what: string, lines: Buffer): Promise<GzipLevel[]> {
  const times = new Map<number, number[]>(LEVELS.map((level) => [level, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [level, measured] of times) measured.push(await timed(() => gzipSync(lines, { level })));
  }
  const size = (level: number) => gzipSync(lines, { level }).length;
  const time = (level: number) => median(times.get(level) ?? []);
  return LEVELS.map((level) => ({
    what,
    level,
    size: size(level) / size(DEFAULT),
    time: time(level) / time(DEFAULT),
  }));
}
