import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { completionScript } from '../../../cli/commands/completion.ts';

const COMMANDS = [
  {
    name: 'collect',
    description: "collect from the owner's Atlas",
    options: [
      { flag: '--dataset', description: 'one dataset', values: ['alerts', 'access_logs'] },
      { flag: '--lake', description: 'the folder' },
    ],
  },
  { name: 'check', description: 'check', options: [] },
];

test.each([
  [['c'], ['collect', 'check']],
  [
    ['collect', '--'],
    ['--dataset', '--lake'],
  ],
  [
    ['collect', '--dataset', 'a'],
    ['alerts', 'access_logs'],
  ],
  [['collect', '--dataset', 'al'], ['alerts']],
  [['check', '--'], []],
])('bash completes %j', (words, expected) => {
  const program = [
    completionScript('bash', COMMANDS),
    `COMP_WORDS=(atlas-lake ${words.join(' ')}); COMP_CWORD=${words.length}; _atlas_lake`,
    `printf '%s\n' "\${COMPREPLY[@]}"`,
  ].join('\n');
  const { stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8' });
  expect({ stderr, words: stdout.split('\n').filter(Boolean) }).toEqual({ stderr: '', words: expected });
});

test('zsh gets the script of bash after the function that runs it', () => {
  const script = completionScript('zsh', COMMANDS);
  expect(script).toMatch(/^autoload -U \+X bashcompinit && bashcompinit\n/);
  expect(script.endsWith(completionScript('bash', COMMANDS))).toBe(true);
});

test('fish gets one line for each command and option, with quotes in descriptions escaped', () => {
  expect(completionScript('fish', COMMANDS).trimEnd().split('\n')).toEqual([
    String.raw`complete -c atlas-lake -f -n __fish_use_subcommand -a collect -d 'collect from the owner\'s Atlas'`,
    "complete -c atlas-lake -n '__fish_seen_subcommand_from collect' -l dataset -x -a 'alerts access_logs' -d 'one dataset'",
    "complete -c atlas-lake -n '__fish_seen_subcommand_from collect' -l lake -d 'the folder'",
    "complete -c atlas-lake -f -n __fish_use_subcommand -a check -d 'check'",
  ]);
});
