import type { Settings } from '../history.ts';

/** How a configuration collects processes. */
export interface ProcessSettings {
  granularity: Settings['granularity'] | 'PT10S';
  measurements: readonly string[];
}

/** The series that processes have in histories: rates, others, and two that never have values. */
export const PROCESS_SERIES: readonly string[] = [
  'CONNECTIONS',
  'PROCESS_NORMALIZED_CPU_USER',
  'OPLOG_REPLICATION_LAG_TIME',
  'MAX_SYSTEM_CPU_USER',
  'MEMORY_MAPPED',
  'FTS_DISK_USAGE',
];

const SETTINGS: readonly ProcessSettings[] = [
  { granularity: 'PT10S', measurements: ['*'] },
  { granularity: 'PT10S', measurements: ['*_CPU_USER'] },
  { granularity: 'PT1M', measurements: ['*'] },
  { granularity: 'PT5M', measurements: ['CONNECTIONS', 'MAX_*'] },
  { granularity: 'PT10S', measurements: ['*'] },
  { granularity: 'PT1H', measurements: ['*'] },
];

/**
 * Returns how a history collects processes in one of its configurations. Only the seed decides, so the rest of a history
 * stays the same. Half of the histories change nothing.
 */
export function processSettingsOf(seed: number, configuration: number): ProcessSettings {
  const change = seed % 2 === 0 ? 0 : configuration;
  const [first] = SETTINGS;
  const settings = SETTINGS[(Math.floor(seed / 2) + change) % SETTINGS.length] ?? first;
  if (!settings) throw new Error('there are no settings');
  return settings;
}

/** Returns the size of the clusters of a project. Only M40 and larger have PT10S. */
export function instanceSizeOf(seed: number, project: number): string {
  return Math.floor(seed / 3 + project) % 3 === 0 ? 'M30' : 'M40';
}

/** Returns the time in which clusters are too small for PT10S, in minutes after the start; null for most seeds. */
export function shrinkingOf(seed: number): { from: number; to: number } | null {
  if (Math.floor(seed / 7) % 3 !== 0) return null;
  const from = (Math.floor(seed / 11) % 12) * 20 - 20;
  return { from, to: from + 20 * (1 + (Math.floor(seed / 13) % 100)) };
}
