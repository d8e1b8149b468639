#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { FORMATS } from './duckdb/result-formats.ts';
import { explain } from './explain.ts';
import { EXIT } from './failure.ts';
import { endWithNpm } from './orphan-watch.ts';

const DEFAULT_LAKE = '.lake';

function repeated(value: string, before: string[]): string[] {
  return [...before, value];
}

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('a port is a number from 0 to 65535');
  }
  return number;
}

/**
 * The program; `finish` is given each command's exit code. A command is loaded when it is called: the AWS SDK and the
 * simulator take most of the time that a start takes.
 */
function program(finish: (code: number) => void): Command {
  const root = new Command('atlas-lake')
    .description('Brings what MongoDB Atlas knows about its clusters into your own data lake.')
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();

  root
    .command('demo')
    .description('collect a simulated Atlas organisation over some simulated hours')
    .option('--lake <dir>', 'where the lake goes; it is replaced', '.lake-demo')
    .action(async (options) => {
      const { demo } = await import('./commands/demo.ts');
      finish(await demo(options));
    });

  root
    .command('collect')
    .description('collect one tick of every dataset from the Atlas that the environment names')
    .option('--dataset <name>', 'collect this dataset only (repeatable)', repeated, [])
    .option('--project <id>', 'collect this project only (repeatable)', repeated, [])
    .option('--at <time>', "the tick, ISO 8601; the run's clock starts from it (default: now)")
    .option('--lake <dir>', 'where the lake is', DEFAULT_LAKE)
    .option('--config <file>', 'configuration, as JSON')
    .option('--json', 'print one JSON summary and nothing else on stdout', false)
    .option('--verbose', "print the functions' logs on stderr", false)
    .action(async (options) => {
      const { collect } = await import('./commands/collect.ts');
      finish(await collect(options));
    });

  root
    .command('status')
    .description('show how far each dataset of each project has been collected')
    .option('--lake <dir>', 'where the lake is', DEFAULT_LAKE)
    .option('--targets', 'show each target', false)
    .option('--json', 'print JSON', false)
    .action(async (options) => {
      const { status } = await import('./commands/status.ts');
      finish(await status(options));
    });

  root
    .command('verify')
    .description('check that the lake holds what was committed to it, each row once')
    .option('--lake <dir>', 'where the lake is', DEFAULT_LAKE)
    .option('--bucket <name>', 'the lake in AWS instead, in the account that the environment names')
    .option('--cursor-table <name>', 'the cursor table that belongs to it')
    .option('--json', 'print JSON', false)
    .action(async (options) => {
      const { verify } = await import('./commands/verify.ts');
      finish(await verify(options));
    });

  root
    .command('erase')
    .description('take one person out of the lake; without --apply, only say what that would change')
    .requiredOption('--user <name>', 'the user name, as the lake has it')
    .option('--lake <dir>', 'where the lake is', DEFAULT_LAKE)
    .option('--bucket <name>', 'the lake in AWS instead, in the account that the environment names')
    .option('--cursor-table <name>', 'the cursor table that belongs to it')
    .option('--apply', 'erase', false)
    .option('--json', 'print JSON', false)
    .action(async (options) => {
      const { erase } = await import('./commands/erase.ts');
      finish(await erase(options));
    });

  root
    .command('query')
    .description('ask the lake in SQL (DuckDB); without a query, list its tables and views')
    .argument('[sql]', 'the query')
    .option('--lake <dir>', 'where the lake is', DEFAULT_LAKE)
    .addOption(new Option('--format <format>', 'how the answer is written').choices(FORMATS).default('table'))
    .option('--output <file>', 'write the answer to a file')
    .action(async (sql, options) => {
      const { query } = await import('./commands/query.ts');
      finish(await query(sql, options));
    });

  root
    .command('report')
    .description('write what the lake says as one HTML file')
    .option('--lake <dir>', 'where the lake is', DEFAULT_LAKE)
    .option('--output <file>', 'where the report goes', 'atlas-lake-report.html')
    .action(async (options) => {
      const { report } = await import('./commands/report.ts');
      finish(await report(options));
    });

  root
    .command('compact')
    .description('turn finished days into Parquet, which is smaller and faster to ask')
    .option('--lake <dir>', 'where the lake is', DEFAULT_LAKE)
    .action(async (options) => {
      const { compact } = await import('./commands/compact.ts');
      finish(await compact(options));
    });

  root
    .command('simulate')
    .description('serve a simulated Atlas until interrupted')
    .option('--port <number>', 'the port to listen on; 0 takes a free one', port, 8080)
    .action(async (options) => {
      const { simulate } = await import('./commands/simulate.ts');
      finish(await simulate(options));
    });

  return root;
}

async function main(): Promise<void> {
  // What the commands load is compiled once on this machine: half of the time of every later start.
  enableCompileCache();
  endWithNpm();
  process.on('SIGINT', () => {
    process.stderr.write(
      '\nInterrupted. Nothing is lost: the same command goes on where this one stopped.\n',
    );
    process.exit(EXIT.interrupted);
  });
  try {
    await program((code) => {
      process.exitCode = code;
    }).parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
      return;
    }
    const { message, code } = explain(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = code;
  }
}

await main();
