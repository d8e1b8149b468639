import { bundles } from './bundles.ts';
import { compaction } from './compaction.ts';
import { compressionLevels } from './compression-levels.ts';
import { entryThroughput } from './entry-throughput.ts';
import { freshness } from './freshness.ts';
import { functionMemory } from './function-memory.ts';
import { growth } from './growth.ts';
import { memory } from './memory.ts';
import { pointThroughput } from './point-throughput.ts';
import { queues } from './queues/bench.ts';
import { rateLimitUse } from './rate-limit-use.ts';
import { requests } from './requests.ts';
import { measuredNow, saveResults } from './results.ts';
import { smallRuns } from './small-runs.ts';

/**
 * Runs all benchmarks, or the named ones. No test depends on them. Timing on shared machines is noisy, so figures of speed
 * are ratios within one run. Earlier results stay until their benchmark runs again.
 */
const BENCHMARKS = {
  points: pointThroughput,
  entries: entryThroughput,
  compression: compressionLevels,
  requests,
  freshness,
  rateLimit: rateLimitUse,
  queues,
  growth: () => growth([1, 10, 100, 1_000]),
  memory,
  functionMemory,
  bundles,
  smallRuns,
  compaction,
} as const;

const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown !== undefined)
  throw new Error(`unknown benchmark ${unknown}. Valid benchmarks: ${Object.keys(BENCHMARKS).join(', ')}`);

let results: Parameters<typeof saveResults>[0] = measuredNow();
for (const [name, measure] of Object.entries(BENCHMARKS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  results = { ...results, [name]: await measure() };
}
await saveResults(results);
