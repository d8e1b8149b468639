import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { runCli } from '../../support/run-cli.ts';

const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');

/** The rows of README's table of commands: the command, and the rest of the row. */
const rows = [...readme.matchAll(/^\| `npx atlas-lake (\w+)[^`]*` \| (.*) \|$/gm)].map(
  ([row, command = '']) => ({ command, row }),
);

/** Returns the options that a text names, in order of the alphabet. */
function optionsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option))].sort();
}

test('README lists the commands that --help lists', async () => {
  const { code, stdout } = await runCli(['--help']);
  const [, commands = ''] = /Commands:\n(.*?)\n\n/s.exec(stdout) ?? [];
  const named = [...commands.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name);
  expect(code).toBe(0);
  expect(rows.map(({ command }) => command).sort()).toEqual(named.filter((name) => name !== 'help').sort());
});

test.concurrent.for(rows)(
  'README names the options of $command that --help names',
  async ({ command, row }) => {
    const { code, stdout } = await runCli([command, '--help']);
    const [, options = ''] = stdout.split('Options:\n');
    const declared = [...options.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = '']) => option);
    expect(code).toBe(0);
    expect(optionsIn(row)).toEqual(declared.filter((option) => option !== '--help').sort());
  },
);
