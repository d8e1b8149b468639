/** A command of the program, as completion needs it. */
export interface CompletedCommand {
  name: string;
  description: string;
  options: readonly CompletedOption[];
}

export interface CompletedOption {
  /** With its dashes: `--dataset`. */
  flag: string;
  description: string;
  /** The only valid values; undefined if there are others, or if the option takes none. */
  values?: readonly string[];
}

/** Returns a script that completes commands, options and the options' values in a shell. */
export function completionScript(
  shell: 'bash' | 'zsh' | 'fish',
  commands: readonly CompletedCommand[],
): string {
  if (shell === 'fish') return fishScript(commands);
  // zsh runs the script of bash after this line.
  const start = shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : '';
  return `${start}${bashScript(commands)}`;
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const options = commands.map(
    ({ name, options }) => `    ${name}) words="${options.map(({ flag }) => flag).join(' ')}" ;;`,
  );
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap(({ flag, values }) =>
      values ? [`    ${name}:${flag}) words="${values.join(' ')}" ;;`] : [],
    ),
  );
  return `_atlas_lake() {
  local current=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} previous=\${COMP_WORDS[COMP_CWORD-1]} words=
  case "$command" in
${options.join('\n')}
  esac
  case "$command:$previous" in
${values.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${names}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _atlas_lake atlas-lake
`;
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
  const lines = commands.flatMap(({ name, description, options }) => [
    `complete -c atlas-lake -f -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...options.map(({ flag, description, values }) => {
      const start = `complete -c atlas-lake -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`;
      return `${start}${values ? ` -x -a ${quoted(values.join(' '))}` : ''} -d ${quoted(description)}`;
    }),
  ]);
  return `${lines.join('\n')}\n`;
}
