import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';
import * as z from 'zod';

/** Bundles the command line and its packages into a folder, for the package: 600 small files load slowly. */
const [, , folder = ''] = process.argv;
const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** undici is CommonJS, and a bundle has no `require`. */
const REQUIRE =
  "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);";

/** Replaces imports of `node:http`, for the reason in `shared/node-http.ts`. */
const HTTP: Plugin = {
  name: 'http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, () => ({ path: 'http', namespace: 'built-in' }));
    onLoad({ filter: /.*/, namespace: 'built-in' }, () => ({
      contents: "module.exports = process.getBuiltinModule('node:http');",
    }));
  },
};

const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: ['cli/run.ts'],
  outdir: folder,
  bundle: true,
  // A command loads only what it needs. The code is not minified, so that people can read a stack trace.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  charset: 'utf8',
  // A clone bundles the report's page with esbuild. A package has that bundle.
  external: ['@duckdb/node-api', 'esbuild'],
  banner: { js: REQUIRE },
  plugins: [HTTP],
  metafile: true,
  logLevel: 'warning',
});
const licences = await Promise.all(packagesIn(metafile).map(licenceOf));
await writeFile(path.resolve(ROOT, folder, 'LICENSES.txt'), `${licences.join('\n\n')}\n`);

/** Returns the folders of the packages that a bundle contains. */
function packagesIn({ inputs }: Metafile): string[] {
  const folders = Object.keys(inputs).flatMap(
    (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
}

/** Returns the licence of a package. Each copy of the package must have it. */
async function licenceOf(its: string): Promise<string> {
  const at = path.resolve(ROOT, its);
  const manifest = await readFile(path.join(at, 'package.json'), 'utf8');
  const { name, version, license } = z
    .object({ name: z.string(), version: z.string(), license: z.string() })
    .parse(JSON.parse(manifest));
  // Some packages of AWS name their licence only.
  const file = (await readdir(at)).find((one) => /^licen[cs]e(\.|$)/i.test(one));
  const text = file === undefined ? '' : `\n\n${(await readFile(path.join(at, file), 'utf8')).trim()}`;
  return `${name} ${version}: ${license}${text}`;
}
