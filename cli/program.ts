import {
  Argument,
  Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
} from '@commander-js/extra-typings';
import packageJson from '../package.json' with { type: 'json' };
import { COMMAND } from './command-name.ts';
import type { CompletedCommand } from './commands/completion.ts';
import { FORMATS } from './duckdb/result-formats.ts';
import { EXIT } from './failure.ts';
import { onInterruption } from './interruption.ts';

const DEFAULT_LAKE = '.lake';

/** What the list of commands does not say. README has the same lists. */
const HELP = `
Exit codes:
  0    done; check found nothing wrong
  1    something could not be collected, or is wrong with the lake
  2    the command or its configuration is invalid, or check cannot tell
  130  interrupted

Environment:
  MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET             a service account
  MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY      an API key
  MONGODB_ATLAS_PROFILE         a profile of the Atlas CLI, without credentials above (default: default)
  ATLAS_LAKE_CREDENTIALS_FILE   a file with several credentials by name, instead of all above
  MONGODB_ATLAS_BASE_URL        another Atlas than https://cloud.mongodb.com
  HTTPS_PROXY, NO_PROXY         a proxy to Atlas, and hosts that need none
  NODE_EXTRA_CA_CERTS           a file with certificates of your own authority
  ATLAS_LAKE_REDACTION_KEY      the key of hashed columns
  NO_COLOR                      print without colours

Examples:
  ${COMMAND} collect
  ${COMMAND} query "SELECT * FROM disk_forecast ORDER BY full_at"
`;

function repeated(value: string, before: string[]): string[] {
  return [...before, value];
}

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('Use a number from 0 to 65535.');
  }
  return number;
}

/**
 * Returns the program, which passes the command's exit code to `finish`. It loads a command only when called, because
 * the AWS SDK and the simulator take most of the start time.
 * @param datasetHelp what the help of `collect` says about datasets
 */
export function program(finish: (code: number) => void, datasetHelp = ''): Command {
  const root = new Command('atlas-lake')
    .description('Collects data about your MongoDB Atlas clusters into your own data lake.')
    .version(packageJson.version, '--version', 'print the version')
    .addHelpText('after', HELP)
    .showHelpAfterError('(run with --help for usage)')
    .exitOverride()
    .hook('preAction', (_root, command) => refuseEmptyOptions(command));

  root
    .command('demo')
    .description('collect from a simulated Atlas organisation over a few simulated hours')
    .option('--lake <dir>', "the lake's folder; replaces the lake of an earlier demo", '.lake-demo')
    .action(async (options) => {
      onInterruption('Interrupted. The next demo deletes this lake and starts again.');
      const { demo } = await import('./commands/demo.ts');
      finish(await demo(options));
    });

  root
    .command('collect')
    .description('collect one tick of every dataset from Atlas, with the connection from the environment')
    .option('--dataset <name>', 'collect this dataset only (repeatable)', repeated, [])
    .option('--project <id>', 'collect this project only (repeatable)', repeated, [])
    .option('--at <time>', "the time of the tick, ISO 8601; the run's clock starts there (default: now)")
    .option('--lake <dir>', "the lake's folder", DEFAULT_LAKE)
    .option('--config <file>', 'the configuration file, JSON (default: atlas-lake.config.json, if present)')
    .option('--json', 'print only one JSON summary on stdout', false)
    .option('--quiet', 'print only problems', false)
    .option('--verbose', "print the functions' logs on stderr", false)
    .addHelpText('after', datasetHelp)
    .action(async (options) => {
      onInterruption('Interrupted. No data is lost. Run the same command again to continue.');
      const { collect } = await import('./commands/collect.ts');
      finish(await collect(options));
    });

  root
    .command('backfill')
    .description('read a past period of a dataset from Atlas again, and write the rows that the lake lacks')
    .requiredOption('--dataset <name>', 'the dataset')
    .requiredOption('--from <time>', 'the start of the period, ISO 8601')
    .requiredOption('--to <time>', 'its end, which is not part of it, ISO 8601')
    .option('--project <id>', 'read this project or organisation only (repeatable)', repeated, [])
    .option('--dry-run', 'read, but write nothing', false)
    .option('--lake <dir>', "the lake's folder", DEFAULT_LAKE)
    .option('--bucket <name>', 'use a lake in S3 instead, in the AWS account of the environment')
    .option('--cursor-table <name>', 'the cursor table of the lake in S3')
    .option('--config <file>', 'the configuration file of collect, JSON')
    .option('--json', 'print only one JSON summary on stdout', false)
    .option('--quiet', 'print only problems', false)
    .action(async (options) => {
      onInterruption(
        options.dryRun
          ? 'Interrupted. Nothing was written.'
          : 'Interrupted. What was read is written. Run the same command again to continue.',
      );
      const { backfill } = await import('./commands/backfill.ts');
      finish(await backfill(options));
    });

  root
    .command('check')
    .description('say whether all is well with the lake, and what is wrong')
    .option('--lake <dir>', "the lake's folder", DEFAULT_LAKE)
    .option('--bucket <name>', 'use a lake in S3 instead, in the AWS account of the environment')
    .option('--cursor-table <name>', 'the cursor table of the lake in S3')
    .option('--config <file>', 'the configuration file of collect, JSON')
    .option('--json', 'print JSON', false)
    .option('--quiet', 'print nothing if all is well', false)
    .action(async (options) => {
      const { check } = await import('./commands/check.ts');
      finish(await check(options));
    });

  root
    .command('status')
    .description('show how far each dataset of each project is collected')
    .option('--lake <dir>', "the lake's folder", DEFAULT_LAKE)
    .option('--targets', 'show each target', false)
    .option('--json', 'print JSON', false)
    .action(async (options) => {
      const { status } = await import('./commands/status.ts');
      finish(await status(options));
    });

  root
    .command('verify')
    .description('check that the lake has all committed rows, each exactly once')
    .option('--lake <dir>', "the lake's folder", DEFAULT_LAKE)
    .option('--bucket <name>', 'use a lake in S3 instead, in the AWS account of the environment')
    .option('--cursor-table <name>', 'the cursor table of the lake in S3')
    .option('--json', 'print JSON', false)
    .action(async (options) => {
      const { verify } = await import('./commands/verify.ts');
      finish(await verify(options));
    });

  root
    .command('erase')
    .description('erase one person from the lake; without --apply, only show what would change')
    .requiredOption('--user <name>', 'the user name, as stored in the lake')
    .option('--lake <dir>', "the lake's folder", DEFAULT_LAKE)
    .option('--bucket <name>', 'use a lake in S3 instead, in the AWS account of the environment')
    .option('--cursor-table <name>', 'the cursor table of the lake in S3')
    .option('--work-group <name>', 'the Athena workgroup that changes its Iceberg tables')
    .option('--database <name>', 'its Glue database', 'atlas_lake')
    .option('--apply', 'erase the person', false)
    .option('--json', 'print JSON', false)
    .action(async (options) => {
      onInterruption('Interrupted. A part may be erased already. Run the same command again to finish.');
      const { erase } = await import('./commands/erase.ts');
      finish(await erase(options));
    });

  root
    .command('query')
    .description('query the lake with SQL (DuckDB); without a query, list its tables and views')
    .argument('[sql]', 'SQL statements, separated by semicolons; - reads them from the standard input')
    .option('--lake <dir>', "the lake's folder", DEFAULT_LAKE)
    .addOption(new Option('--format <format>', 'the output format').choices(FORMATS).default('table'))
    .option('-o, --output <file>', 'write the result to a file')
    .option('--raw-csv', 'write texts to CSV as they are, even if a spreadsheet runs them as formulas', false)
    .action(async (sql, options) => {
      const { query } = await import('./commands/query.ts');
      finish(await query(sql, options));
    });

  root
    .command('sql')
    .description('query the lake in an interactive shell')
    .option('--lake <dir>', "the lake's folder", DEFAULT_LAKE)
    .action(async (options) => {
      const { sql } = await import('./commands/sql.ts');
      finish(await sql(options));
    });

  root
    .command('report')
    .description('write a report of the lake as one HTML file')
    .option('--lake <dir>', "the lake's folder", DEFAULT_LAKE)
    .option('-o, --output <file>', 'the report file', 'atlas-lake-report.html')
    .option('--config <file>', 'the configuration file of collect, JSON')
    .option('--quiet', 'print only problems', false)
    .action(async (options) => {
      const { report } = await import('./commands/report.ts');
      finish(await report(options));
    });

  root
    .command('compact')
    .description('convert finished days to Parquet, which is smaller and faster to query')
    .option('--lake <dir>', "the lake's folder", DEFAULT_LAKE)
    .option('--quiet', 'print only problems', false)
    .action(async (options) => {
      onInterruption('Interrupted. Finished days are kept. Run the same command again to continue.');
      const { compact } = await import('./commands/compact.ts');
      finish(await compact(options));
    });

  root
    .command('simulate')
    .description('serve a simulated Atlas until interrupted')
    .option('--port <number>', 'the port to listen on; 0 picks a free port', port, 8080)
    .action(async (options) => {
      onInterruption('The simulated Atlas has stopped.');
      const { simulate } = await import('./commands/simulate.ts');
      finish(await simulate(options));
    });

  root
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell) => {
      const { completionScript } = await import('./commands/completion.ts');
      const { declarations } = await import('../functions/declarations.ts');
      const datasets = declarations.map(({ name }) => name);
      process.stdout.write(completionScript(shell, completedCommands(root, datasets)));
      finish(EXIT.done);
    });

  return root;
}

/**
 * Refuses options without a text, as of a variable that a script did not set. `--lake ""` would be the current folder.
 * @throws {CommanderError}
 */
function refuseEmptyOptions(command: CommandUnknownOpts): void {
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if ([value].flat().includes('')) command.error(`error: option '${option.flags}' has an empty value`);
  }
}

/** Describes the commands for completion. */
function completedCommands(root: Command, datasets: readonly string[]): CompletedCommand[] {
  return root.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options.map(({ long, description, argChoices }) => {
      const values = long === '--dataset' ? datasets : argChoices;
      return { flag: long ?? '', description, ...(values && { values }) };
    }),
  }));
}
