import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The imports of each module, as paths below the root. Imports of types and of packages are left out. */
export type ModuleGraph = ReadonlyMap<string, readonly string[]>;

/** Returns the files below the root that match a pattern, sorted. */
export function filesMatching(...patterns: readonly string[]): string[] {
  return globSync([...patterns], { cwd: ROOT }).sort();
}

/** Returns the graph of some modules and of all their imports. */
export async function moduleGraph(modules: readonly string[]): Promise<ModuleGraph> {
  const { metafile } = await build({
    entryPoints: [...modules],
    absWorkingDir: ROOT,
    bundle: true,
    // Without splitting, each output contains all of its modules, which takes ten times as long.
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    loader: { '.css': 'empty' },
    outdir: 'not-written',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  return new Map(
    Object.entries(metafile.inputs).map(([file, { imports }]) => [
      file,
      imports.flatMap(({ path, external }) => (external ? [] : [path])),
    ]),
  );
}

/** Returns whether a module contains code, and not only types. */
export async function hasCode(file: string): Promise<boolean> {
  const { code } = await transform(readFileSync(`${ROOT}${file}`, 'utf8'), {
    loader: 'ts',
    tsconfigRaw: { compilerOptions: {} },
  });
  return code.trim() !== '';
}

/** `import … from`, `export … from`, imports for effect and `import(…)`, as the formatter writes them. */
const IMPORTS =
  /^(?:import|export)\b[^;'"]*?\bfrom '(\.[^']+)'|^import '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm;

/** Returns the files that a module imports, as paths below the root. Imports of types count. */
export function importsOf(file: string): string[] {
  const source = readFileSync(`${ROOT}${file}`, 'utf8');
  return [...source.matchAll(IMPORTS)].map(([, from, effect, dynamic]) =>
    path.posix.join(path.posix.dirname(file), from ?? effect ?? dynamic ?? ''),
  );
}
