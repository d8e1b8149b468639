import { writeFile } from 'node:fs/promises';
import { DOCUMENTS } from './documents.ts';

for (const { file, content } of DOCUMENTS) {
  await writeFile(new URL(`../${file}`, import.meta.url), content());
  console.log(file);
}
