import { mkdir, rm, writeFile } from 'node:fs/promises';
import { DOCUMENTS, WRITTEN } from './documents.ts';

const root = new URL('../', import.meta.url);
// A folder keeps no file of an earlier version.
for (const { folder } of DOCUMENTS)
  if (folder !== undefined) await rm(new URL(folder, root), { recursive: true, force: true });
for (const { file, content } of DOCUMENTS) {
  const target = new URL(file, root);
  await mkdir(new URL('.', target), { recursive: true });
  await writeFile(target, content());
}
for (const name of WRITTEN) console.log(name);
