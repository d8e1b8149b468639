import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { bundles } from './bundles.ts';
import { compaction } from './compaction.ts';
import { entryThroughput } from './entry-throughput.ts';
import { functionMemory } from './function-memory.ts';
import { growth } from './growth.ts';
import { gzipLevels } from './gzip-levels.ts';
import { memory } from './memory.ts';
import { pointThroughput } from './point-throughput.ts';
import { queues } from './queues/bench.ts';
import { rateLimitUse } from './rate-limit-use.ts';
import { markdown, type Results } from './report.ts';
import { requests } from './requests.ts';

/**
 * Runs all benchmarks, or the named ones. No test depends on them. Timing on shared machines is noisy, so figures of speed
 * are ratios within one run. Earlier results stay until their benchmark runs again.
 */
const BENCHMARKS = {
  points: pointThroughput,
  entries: entryThroughput,
  gzip: gzipLevels,
  requests,
  rateLimit: rateLimitUse,
  queues,
  growth: () => growth([1, 10, 100, 1_000]),
  memory,
  functionMemory,
  bundles,
  compaction,
} as const;

const RESULTS = fileURLToPath(new URL('../../docs/benchmarks.json', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));

const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown !== undefined)
  throw new Error(`unknown benchmark ${unknown}. Valid benchmarks: ${Object.keys(BENCHMARKS).join(', ')}`);

const [cpu] = cpus();
let results: Results = {
  ...JSON.parse(await readFile(RESULTS, 'utf8').catch(() => '{}')),
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
};
for (const [name, measure] of Object.entries(BENCHMARKS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  results = { ...results, [name]: await measure() };
}
await writeFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`);

const table = markdown(results);
const document = await readFile(DOCUMENT, 'utf8');
await writeFile(
  DOCUMENT,
  document.replace(
    /(<!-- results -->\n).*(<!-- end of results -->)/s,
    (_, start, end) => start + table + end,
  ),
);
process.stdout.write(table);
