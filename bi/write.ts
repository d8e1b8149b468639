import { writeFile } from 'node:fs/promises';
import { grafanaDashboard } from './grafana-dashboard.ts';
import { quickSightTemplate } from './quicksight.ts';

for (const [name, content] of [
  ['grafana-dashboard.json', grafanaDashboard()],
  ['quicksight.json', quickSightTemplate()],
] as const) {
  await writeFile(new URL(name, import.meta.url), `${JSON.stringify(content, null, 2)}\n`);
}
