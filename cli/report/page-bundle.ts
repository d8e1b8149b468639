import { build } from 'esbuild';

/** Returns the page's script, from its first source file, bundled with the charting library. */
export async function bundlePage(source: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source],
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
  return script.text.replaceAll('</script', '<\\/script');
}
