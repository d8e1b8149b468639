import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced block of a page. */
interface Block {
  language: string;
  text: string;
  /** Whether it follows the block before it without text in between. */
  follows: boolean;
}

/** The commands of one `sh` block, and what the page quotes as their output. */
export interface CommandBlock {
  page: string;
  commands: readonly string[];
  /** The lines of the `text` block right below, without `…`; empty if there is none. */
  output: readonly string[];
}

/** The pages whose commands are run: those that guide people through tasks. */
export async function guidingPages(): Promise<string[]> {
  const guides = await readdir(path.join(ROOT, 'docs/how-to'));
  return ['README.md', 'docs/tutorial.md', ...guides.sort().map((name) => `docs/how-to/${name}`)];
}

/** Returns the `sh` blocks of a page. */
export async function commandBlocks(page: string): Promise<CommandBlock[]> {
  const blocks = blocksOf(await readFile(path.join(ROOT, page), 'utf8'));
  return blocks.flatMap(({ language, text }, index) => {
    if (language !== 'sh') return [];
    const next = blocks[index + 1];
    const quotes = next?.language === 'text' && next.follows ? next.text.trimEnd().split('\n') : [];
    return [{ page, commands: commandsOf(text), output: quotes.filter((line) => line !== '…') }];
  });
}

function blocksOf(page: string): Block[] {
  let end = 0;
  return [...page.matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms)].map((match) => {
    const [whole, indent = '', language = '', text = ''] = match;
    const follows = page.slice(end, match.index).trim() === '';
    end = match.index + whole.length;
    return { language, text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''), follows };
  });
}

/** Splits a script into commands. A here-document and a line that ends with a backslash belong to their command. */
function commandsOf(script: string): string[] {
  const commands: string[] = [];
  let open: string[] = [];
  let until: string | undefined;
  for (const line of script.trimEnd().split('\n')) {
    open.push(line);
    const isOpen = until === undefined ? line.endsWith('\\') || line.includes("<<'") : line !== until;
    until = isOpen ? (until ?? /<<'(\w+)'/.exec(line)?.[1]) : undefined;
    if (isOpen) continue;
    commands.push(open.join('\n'));
    open = [];
  }
  return commands;
}

/** Commands that the test cannot run, with the reason. */
export const NOT_RUN: ReadonlyArray<{ command: RegExp; reason: string }> = [
  { command: /^npm ci$/, reason: 'it downloads packages' },
  { command: /^git /, reason: 'it changes the clone, or needs its history' },
  { command: /^npm start$/, reason: 'demo.slow.test.ts runs the demo' },
  { command: /^npm (test$|run test:)/, reason: 'it runs a suite of tests' },
  { command: /^npx atlas-lake (simulate|sql)\b/, reason: 'it runs until someone ends it' },
  { command: /^export MONGODB_ATLAS_CLIENT_/, reason: 'the credential is a placeholder' },
  { command: /^unset MONGODB_ATLAS_/, reason: 'the next commands need the simulator' },
  { command: /^aws /, reason: 'it needs an AWS account' },
  { command: /^npx cdk (bootstrap|deploy|destroy|diff)\b/, reason: 'it needs an AWS account' },
  { command: / --bucket /, reason: 'it needs a lake in S3' },
];

/** Returns why a command is not run; undefined if it is. */
export function reasonNotToRun(command: string): string | undefined {
  return NOT_RUN.find((rule) => rule.command.test(command))?.reason;
}
