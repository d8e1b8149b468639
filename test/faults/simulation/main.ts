import { parseArgs } from 'node:util';
import { MINUTE } from '../../../shared/durations.ts';
import { SUBJECTS } from './history.ts';
import { simulate } from './simulate.ts';
import { historyOf, shrink, tryHistories } from './trial.ts';

/**
 * `npm run dst -- --seed N` simulates one history and prints its steps. `--histories N` simulates N seeds from there
 * on. `npm run dst:soak -- --minutes N` simulates fresh seeds for N minutes. The exit status is 1 if a history breaks
 * a promise.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    histories: { type: 'string' },
    minutes: { type: 'string' },
    /** The subject of all histories, for example `resources`, which no seed chooses. */
    subject: { type: 'string' },
    /** Looks for a smaller history that also breaks a promise, and prints that one. */
    shrink: { type: 'boolean', default: false },
    /** Stops after the first history that breaks a promise. */
    'until-broken': { type: 'boolean', default: false },
    /** Prints a hash of what each history stored, to compare two versions of the collector. */
    digests: { type: 'boolean', default: false },
  },
});

/** The time limit of the search for a smaller history, in ms. */
const SHRINKING = MINUTE;

const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(values.seed);
const subject = SUBJECTS.find((name) => name === values.subject);
if (values.subject !== undefined && subject === undefined)
  throw new RangeError(`unknown subject ${values.subject}. Valid subjects: ${SUBJECTS.join(', ')}`);
const several = values.histories !== undefined || values.minutes !== undefined;
process.exitCode = (several ? await soak() : await replay()) ? 0 : 1;

async function replay(): Promise<boolean> {
  const history = values.shrink ? await shrink(first, subject, SHRINKING) : historyOf(first, subject);
  const { trace, violations } = await simulate(history, { traced: true });
  console.log(JSON.stringify(history, null, 1));
  for (const line of trace) console.log(line);
  console.log(violations.length === 0 ? 'every promise was kept' : `broken:\n${violations.join('\n')}`);
  return violations.length === 0;
}

async function soak(): Promise<boolean> {
  const until = performance.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * MINUTE;
  const most = Number(values.histories ?? Number.POSITIVE_INFINITY);
  const trial = await tryHistories(seedsFrom(first), {
    ...(subject && { subject }),
    goOn: ({ histories, failures }) =>
      histories < most && performance.now() < until && !(values['until-broken'] && failures.length > 0),
  });
  const { histories, calls, rows, failures } = trial;
  if (values.digests)
    for (const [index, digest] of trial.digests.entries()) console.log(first + index, digest);
  const option = subject ? ` --subject ${subject}` : '';
  for (const { seed, violations } of failures) {
    console.log(`npm run dst -- --seed ${seed}${option}\n  ${violations.slice(0, 3).join('\n  ')}`);
  }
  console.log(
    `${histories} histories${subject ? ` of ${subject}` : ''} from seed ${first}, ${calls} calls, ${rows} rows: ${failures.length} broke a promise`,
  );
  return failures.length === 0;
}

function* seedsFrom(seed: number): Generator<number> {
  for (let next = seed; ; next += 1) yield next;
}
