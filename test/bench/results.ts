import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Measured, markdown, type Results } from './report.ts';

const RESULTS = fileURLToPath(new URL('../../docs/benchmarks.json', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));

/** Returns when and where something is measured now. */
export function measuredNow(): Measured {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  };
}

/** Adds results to those of earlier runs, and writes all of them to the documentation. */
export async function saveResults(measured: Partial<Results>): Promise<void> {
  const results: Results = {
    ...measuredNow(),
    ...JSON.parse(await readFile(RESULTS, 'utf8').catch(() => '{}')),
    ...measured,
  };
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
}
