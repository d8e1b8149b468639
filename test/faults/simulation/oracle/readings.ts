import { HOUR } from '../../../../shared/durations.ts';
import type { ClusterTag } from '../../../../simulator/organisation/types.ts';
import type { ClusterPatterns } from '../generators/clusters.ts';
import type { RunRecord } from '../world.ts';

/** Whether a run reads a cluster. A run that could not read tags, or whose end is unknown, may do either. */
export type Reading = 'reads' | 'leaves' | 'unsure';

/** How long after its start a run that did not report its end can still have read tags. */
export const LONGEST_RUN = 2 * HOUR;

/** What the runs of one dataset and project could know of the tags of one cluster. */
export class Readings {
  readonly #runs: readonly RunRecord[];
  readonly #tags: readonly ClusterTag[];

  constructor(runs: readonly RunRecord[], tags: readonly ClusterTag[]) {
    this.#runs = runs;
    this.#tags = tags;
  }

  /** @param until when the run had read the tags at the latest */
  of(run: RunRecord, cluster: string, until: number): Reading {
    const patterns = run.config.clusters;
    if (!patterns) return 'reads';
    const knowsTags = knowsEverything(run) || !usesTags(patterns);
    // Without tags, the last verdict stays.
    const earlier = knowsTags ? [] : this.#runs.filter(({ startedAt }) => startedAt < run.startedAt);
    const verdicts = new Set([
      ...this.#verdicts(run, cluster, until),
      ...earlier.flatMap((one) =>
        this.#verdicts(one, cluster, one.finishedAt ?? one.startedAt + LONGEST_RUN),
      ),
    ]);
    if (!verdicts.has(true)) return 'leaves';
    return verdicts.size === 1 && knowsEverything(run) ? 'reads' : 'unsure';
  }

  #verdicts({ config, startedAt }: RunRecord, cluster: string, until: number): boolean[] {
    const { clusters } = config;
    if (!clusters) return [true];
    const changes = this.#tags.flatMap(({ from = startedAt, until: end = startedAt }) => [from, end]);
    const times = [startedAt, ...changes.filter((at) => at > startedAt && at <= until)];
    return times.map((at) => selects(clusters, cluster, tagsAt(this.#tags, at)));
  }
}

/** Returns whether a run reports its end, and neither unknown clusters nor unreadable tags. */
function knowsEverything({ result }: RunRecord): boolean {
  return result !== undefined && result.unreadableItems === 0 && !result.warnings.some(isUncertain);
}

/** Returns whether a note says that some clusters are unknown, or keep the last decision. */
export function isUncertain(warning: string): boolean {
  return isOfUnknown(warning) || isOfTags(warning);
}

function isOfUnknown(warning: string): boolean {
  return warning.includes('whose cluster or tags are unknown');
}

function isOfTags(warning: string): boolean {
  return warning.includes('as their tags last said');
}

function usesTags({ includeTags = [], excludeTags = [] }: ClusterPatterns): boolean {
  return includeTags.length + excludeTags.length > 0;
}

function tagsAt(tags: readonly ClusterTag[], at: number): readonly ClusterTag[] {
  return tags.filter(({ from = at, until = at + 1 }) => from <= at && at < until);
}

/** Returns whether a configuration selects a cluster, by the documentation. */
function selects(
  { include = [], exclude = [], includeTags = [], excludeTags = [] }: ClusterPatterns,
  cluster: string,
  tags: readonly ClusterTag[],
): boolean {
  const named = (patterns: readonly string[]) =>
    patterns.some((text) => patternOf(text).test(cluster.normalize()));
  const tagged = (patterns: readonly string[]) =>
    patterns.some((text) => {
      const [key = '', value = ''] = text.split('=');
      return tags.some((tag) => patternOf(key).test(tag.key) && patternOf(value).test(tag.value));
    });
  if (named(exclude) || tagged(excludeTags)) return false;
  return include.length + includeTags.length === 0 || named(include) || tagged(includeTags);
}

function patternOf(text: string): RegExp {
  const parts = text.normalize().split('*');
  return new RegExp(`^${parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*')}$`, 'su');
}
