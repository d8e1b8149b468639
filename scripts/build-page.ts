import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePage } from '../cli/report/page-bundle.ts';

/** Writes the report's code to a folder, for the package. A clone bundles it when it writes a report. */
const [, , folder = ''] = process.argv;
const page = fileURLToPath(new URL('../cli/report/page/', import.meta.url));

await mkdir(folder, { recursive: true });
await writeFile(path.join(folder, 'bundle.js'), await bundlePage(path.join(page, 'main.ts')));
await copyFile(path.join(page, 'style.css'), path.join(folder, 'style.css'));
