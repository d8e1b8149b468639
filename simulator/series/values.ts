import { fractionAt, hashText, mix } from '../hash.ts';
import { DAY, HOUR } from '../time.ts';
import type { Granularity } from './granularity.ts';
import { PROCESS_LEVELS } from './process-measurements.ts';
import { SEARCH_LEVELS } from './search-measurements.ts';

/**
 * The values of measurements: smooth over hours, with a daily wave and slow growth. All granularities agree except for
 * noise, and all values are finite.
 */

/** Returns the final value of the interval with this stamp (ms since 1970). */
export type Signal = (timestamp: number) => number;

const GIB = 2 ** 30;
const CAPACITY = 40 * GIB;
const CORES = 2;

/** Typical values. Each target varies by a factor of 1 to 4. */
const DATABASE_LEVELS: Record<string, number> = {
  DATABASE_AVERAGE_OBJECT_SIZE: 310,
  DATABASE_COLLECTION_COUNT: 12,
  DATABASE_DATA_SIZE: 2.4e9,
  DATABASE_STORAGE_SIZE: 9e8,
  DATABASE_INDEX_SIZE: 2.1e8,
  DATABASE_INDEX_COUNT: 31,
  // WiredTiger has no extents: a real zero, which differs from a missing value.
  DATABASE_EXTENT_COUNT: 0,
  DATABASE_OBJECT_COUNT: 7.5e6,
  DATABASE_VIEW_COUNT: 2,
};

const DISK_LEVELS: Record<string, number> = {
  DISK_PARTITION_IOPS_READ: 22,
  DISK_PARTITION_IOPS_WRITE: 64,
  DISK_PARTITION_LATENCY_READ: 0.9,
  DISK_PARTITION_LATENCY_WRITE: 0.7,
  DISK_PARTITION_THROUGHPUT_READ: 410_000,
  DISK_PARTITION_THROUGHPUT_WRITE: 1_300_000,
  DISK_QUEUE_DEPTH: 0.04,
};

/** Returns each kind of space from the used share of the disk. */
const SPACES: Record<string, (used: number) => number> = {
  DISK_PARTITION_SPACE_USED: (used) => CAPACITY * used,
  DISK_PARTITION_SPACE_FREE: (used) => CAPACITY * (1 - used),
  DISK_PARTITION_SPACE_PERCENT_USED: (used) => 100 * used,
  DISK_PARTITION_SPACE_PERCENT_FREE: (used) => 100 * (1 - used),
};

/** Returns a key for one series of a target, so that it has its own noise. */
export function seriesKey(target: number, name: string, granularity: Granularity): number {
  return mix(mix(target ^ hashText(name)) ^ hashText(granularity));
}

/** Returns the signal of a measurement, in its units. @param target the target's key */
export function signalOf(target: number, name: string, granularity: Granularity): Signal {
  const signal = (part: string) => signalOf(target, part, granularity);
  if (name.startsWith('MAX_')) {
    const own = seriesKey(target, name, granularity);
    const average = signal(name.slice('MAX_'.length));
    const spread = name.includes('SPACE') ? 0.01 : 0.5;
    return (timestamp) => average(timestamp) * (1.001 + spread * fractionAt(own, timestamp));
  }
  if (name === 'DISK_PARTITION_IOPS_TOTAL') {
    const [read, write] = [signal('DISK_PARTITION_IOPS_READ'), signal('DISK_PARTITION_IOPS_WRITE')];
    return (timestamp) => read(timestamp) + write(timestamp);
  }
  if (name.includes('_NORMALIZED_CPU_')) {
    const whole = signal(name.replace('_NORMALIZED', ''));
    return (timestamp) => whole(timestamp) / CORES;
  }
  const space = SPACES[name];
  if (space !== undefined) {
    const noise = seriesKey(target, 'space', granularity);
    return (timestamp) => space(usedShare(target, timestamp) + 0.01 * fractionAt(noise, timestamp));
  }
  return levelSignal(target, name, granularity);
}

function levelSignal(target: number, name: string, granularity: Granularity): Signal {
  const shape = mix(target ^ hashText(name));
  const noise = seriesKey(target, name, granularity);
  // The size of a database changes little within a day, the load of a disk or process a lot.
  const stock = DATABASE_LEVELS[name];
  const swing = stock === undefined ? 1 : 0.02;
  const level =
    (stock ?? DISK_LEVELS[name] ?? SEARCH_LEVELS[name] ?? PROCESS_LEVELS[name] ?? 1) *
    (1 + 3 * fractionAt(shape, 0));
  return (timestamp) =>
    level * growth(timestamp) * (1 + swing * (wave(shape, timestamp) + 0.1 * fractionAt(noise, timestamp)));
}

/** Returns growth that doubles in four years. */
function growth(timestamp: number): number {
  return 2 ** ((timestamp - Date.UTC(2025, 0, 1)) / (4 * 365 * DAY));
}

/** Returns a daily wave with irregular hours, from -0.35 to 0.35. */
function wave(key: number, timestamp: number): number {
  const daily = Math.sin(2 * Math.PI * (timestamp / DAY + fractionAt(key, 1)));
  const hour = Math.floor(timestamp / HOUR);
  const within = timestamp / HOUR - hour;
  const hourly = fractionAt(key, hour) * (1 - within) + fractionAt(key, hour + 1) * within;
  return 0.25 * daily + 0.2 * hourly - 0.1;
}

/** Returns a share that rises from 20 % to 80 % in 150 days and falls back in as many. */
function usedShare(target: number, timestamp: number): number {
  const cycle = timestamp / (300 * DAY) + fractionAt(target, 2);
  return 0.2 + 1.2 * Math.abs(cycle - Math.floor(cycle) - 0.5);
}
