import { grafanaDashboard } from '../bi/grafana-dashboard.ts';
import { quickSightTemplate } from '../bi/quicksight.ts';
import { supersetBundle } from '../bi/superset-bundle.ts';
import { coverageDocument } from '../functions/inventory/coverage/document.ts';
import { dataDictionary } from '../sql/dictionary/document.ts';

/** A file of the repository that a program writes. */
export interface GeneratedDocument {
  /** Path below the root of the repository. */
  file: string;
  /** The folder that contains only generated files, if it is in one. */
  folder?: string;
  content(): string;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const SUPERSET = 'bi/superset/';

/** All of them: `npm run generate` writes them, and a unit test fails when one is stale. */
export const DOCUMENTS: readonly GeneratedDocument[] = [
  { file: 'bi/grafana-dashboard.json', content: () => json(grafanaDashboard()) },
  { file: 'bi/quicksight.json', content: () => json(quickSightTemplate()) },
  ...supersetBundle().map(({ file, content }) => ({
    file: `${SUPERSET}${file}`,
    folder: SUPERSET,
    content: () => json(content),
  })),
  { file: 'docs/coverage.md', content: coverageDocument },
  { file: 'docs/data-dictionary.md', content: dataDictionary },
];

/** The names of the documents for people: a folder of generated files has one. */
export const WRITTEN: readonly string[] = [...new Set(DOCUMENTS.map(({ file, folder }) => folder ?? file))];
