import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Runs Vitest with a configuration, more environment variables and the arguments of this process. Returns its exit code.
 */
export async function runVitest(config: URL, environment: Record<string, string>): Promise<number> {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  // The command `vitest` would use the first Node in the PATH instead of this one.
  const program = `${root}node_modules/vitest/vitest.mjs`;
  const options = ['run', '--root', root, '--config', fileURLToPath(config)];
  const child = spawn(process.execPath, [program, ...options, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  // Ctrl-C also reaches Vitest, which stops first. The servers stop after it.
  process.on('SIGINT', () => {});
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}
