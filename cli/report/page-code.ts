import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/** Returns the page's script, bundled with the charting library, and its styles. */
export async function pageCode(): Promise<{ script: string; style: string }> {
  const folder = path.join(import.meta.dirname, 'page');
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, 'main.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'inline',
    write: false,
    logLevel: 'error',
  });
  const [script] = outputFiles;
  if (!script) throw new Error('esbuild returned no script');
  // Unescaped, this text would close the script element.
  return {
    script: script.text.replaceAll('</script', '<\\/script'),
    style: await readFile(path.join(folder, 'style.css'), 'utf8'),
  };
}
