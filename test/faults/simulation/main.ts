import { parseArgs } from 'node:util';
import { MINUTE } from '../../../shared/durations.ts';
import { TOPICS } from './history.ts';
import { historyOf, runSeeds, shrink } from './run-seeds.ts';
import { simulate } from './simulate.ts';

/**
 * `npm run dst -- --seed N` simulates one history and prints its steps. `--histories N` simulates N seeds from there
 * on, and `--minutes N` for N minutes. Without `--seed`, the first seed is random. `npm run dst:soak` simulates random
 * seeds for 25 minutes, or for `--minutes N`. The exit status is 1 if a history breaks a promise.
 */
const OPTIONS = {
  seed: { type: 'string' },
  histories: { type: 'string' },
  minutes: { type: 'string' },
  /** The topic of all histories, for example `resources`, which no seed chooses. */
  topic: { type: 'string' },
  /** Looks for a smaller history that also breaks a promise, and prints that one. */
  shrink: { type: 'boolean', default: false },
  /** Stops after the first history that breaks a promise. */
  'until-broken': { type: 'boolean', default: false },
  /** Prints a hash of what each history stored, to compare two versions of the collector. */
  digests: { type: 'boolean', default: false },
} as const;

const values = parsed();

/** The time limit of the search for a smaller history, in ms. */
const SHRINKING = MINUTE;

const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(values.seed);
const topic = TOPICS.find((name) => name === values.topic);
const several = values.histories !== undefined || values.minutes !== undefined;
process.exitCode = (several ? await soak() : await replay()) ? 0 : 1;

/** Returns the options. Ends the process with one line if they are wrong. */
function parsed() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    const { topic, ...rest } = values;
    if (topic !== undefined && !TOPICS.some((name) => name === topic))
      throw new RangeError(`unknown topic ${topic}; valid topics: ${TOPICS.join(', ')}`);
    for (const name of ['seed', 'histories', 'minutes'] as const)
      if (rest[name] !== undefined && !/^\d+(\.\d+)?$/.test(rest[name]))
        throw new RangeError(`--${name} must be a number, not ${rest[name]}`);
    return values;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}

async function replay(): Promise<boolean> {
  const history = values.shrink ? await shrink(first, topic, SHRINKING) : historyOf(first, topic);
  const { trace, violations } = await simulate(history, { traced: true });
  console.log(JSON.stringify(history, null, 1));
  for (const line of trace) console.log(line);
  console.log(violations.length === 0 ? 'every promise was kept' : `broken:\n${violations.join('\n')}`);
  return violations.length === 0;
}

async function soak(): Promise<boolean> {
  const until = performance.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * MINUTE;
  const most = Number(values.histories ?? Number.POSITIVE_INFINITY);
  const result = await runSeeds(seedsFrom(first), {
    ...(topic && { topic }),
    continueWhile: ({ histories, failures }) =>
      histories < most && performance.now() < until && !(values['until-broken'] && failures.length > 0),
  });
  const { histories, calls, rows, failures } = result;
  if (values.digests)
    for (const [index, digest] of result.digests.entries()) console.log(first + index, digest);
  const option = topic ? ` --topic ${topic}` : '';
  for (const { seed, violations } of failures) {
    console.log(`npm run dst -- --seed ${seed}${option}\n  ${violations.slice(0, 3).join('\n  ')}`);
  }
  console.log(
    `${histories} histories${topic ? ` of ${topic}` : ''} from seed ${first}, ${calls} calls, ${rows} rows: ${failures.length} broke a promise`,
  );
  return failures.length === 0;
}

function* seedsFrom(seed: number): Generator<number> {
  for (let next = seed; ; next += 1) yield next;
}
