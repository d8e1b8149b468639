import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/** The page's script, one text with the charting library in it, and its styles. */
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
  if (!script) throw new Error('esbuild gave no script');
  // In a page, this would end the element that the script stands in.
  return {
    script: script.text.replaceAll('</script', '<\\/script'),
    style: await readFile(path.join(folder, 'style.css'), 'utf8'),
  };
}
