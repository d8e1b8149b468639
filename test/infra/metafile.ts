import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { PROJECT } from './assembly.ts';

/** Bundles a file of the project without writing it, and returns what the bundle contains and imports. */
export async function metafileOf(entry: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [join(PROJECT, entry)],
    absWorkingDir: PROJECT,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
  });
  return metafile;
}
