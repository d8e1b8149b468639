import { writeFile } from 'node:fs/promises';
import { dataDictionary } from './document.ts';

await writeFile(new URL('../../docs/data-dictionary.md', import.meta.url), dataDictionary());
