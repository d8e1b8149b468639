import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

test('the bundled command line runs without its packages, and has their licences', async () => {
  const folder = await makeTemporaryFolder();
  try {
    await run(process.execPath, [path.join(ROOT, 'scripts/build-cli.ts'), path.join(folder, 'dist/cli')]);
    await mkdir(path.join(folder, 'cli'));
    for (const file of ['package.json', 'cli/main.js'])
      await copyFile(path.join(ROOT, file), path.join(folder, file));
    const start = (...args: string[]) =>
      run(process.execPath, [path.join(folder, 'cli/main.js'), ...args], { env: { HOME: folder } });
    expect(await start('--version')).toEqual({ stdout: `${packageJson.version}\n`, stderr: '' });
    await expect(start('collect')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^atlas-lake: no Atlas credentials: .*\n$/),
    });

    const files = await readdir(path.join(folder, 'dist/cli'));
    const scripts = files.filter((file) => file.endsWith('.js'));
    const licences = await readFile(path.join(folder, 'dist/cli/LICENSES.txt'), 'utf8');
    const bundled = new Set<string>();
    for (const file of scripts) {
      const text = await readFile(path.join(folder, 'dist/cli', file), 'utf8');
      // Above each module, esbuild writes a comment with its path.
      for (const [, name = ''] of text.matchAll(/^\/\/ \S*node_modules\/((?:@[^/]+\/)?[^/]+)\//gm))
        bundled.add(name);
    }
    expect(bundled).toContain('zod');
    expect(bundled).toContain('@aws-sdk/client-s3');
    for (const name of bundled)
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+: \\S+$`, 'm'));
  } finally {
    await rm(folder, { recursive: true });
  }
});
