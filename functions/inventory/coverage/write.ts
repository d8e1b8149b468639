import { writeFile } from 'node:fs/promises';
import { coverageDocument } from './document.ts';

await writeFile(new URL('../../../docs/coverage.md', import.meta.url), coverageDocument());
