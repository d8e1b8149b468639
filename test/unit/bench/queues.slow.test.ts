import { describe, expect, test } from 'vitest';
import { declarations } from '../../../functions/declarations.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { DEFAULT_CONCURRENCY } from '../../../shared/worker/limits.ts';
import { BEFORE, deployed, deployedBefore, PRODUCT } from '../../bench/queues/settings.ts';
import { type Model, simulateQueues } from '../../bench/queues/simulation.ts';

const DATASET = { name: 'any', everyMinutes: 20 };

/** Ten projects at a time can run 2,400 of them in a tick. */
const TEN_THOUSAND: Model = {
  projects: 10_000,
  datasets: [deployed(DATASET, 10)],
  accountConcurrency: 1_000,
  hours: 16,
  ...PRODUCT,
};

function outcomeOf(change: Partial<Model>) {
  const [outcome] = simulateQueues({ ...TEN_THOUSAND, ...change });
  if (!outcome) throw new Error('no dataset');
  return outcome;
}

describe('ten thousand projects', () => {
  test('all run in turn if only a quarter of them can run in a tick', () => {
    const { starved, dead, longestWaits, runs } = outcomeOf({});
    expect({ starved, dead }).toEqual({ starved: 0, dead: 0 });
    // The runs alone take 84 minutes for each turn.
    expect(longestWaits.at(-1)).toBeLessThan(110 * MINUTE);
    expect(runs).toBeGreaterThan(0.9 * 16 * 60 * 60 * 2);
  });

  test('all run if only one in twenty can run in a tick, so that most messages expire', () => {
    const slow = { datasets: [deployed(DATASET, DEFAULT_CONCURRENCY)], hours: 36 };
    const { starved, expired, longestWaits } = outcomeOf(slow);
    expect(starved).toBe(0);
    expect(expired).toBeGreaterThan(0);
    // The runs alone take seven hours for each turn.
    expect(longestWaits.at(-1)).toBeLessThan(14 * HOUR);
    // A planted bug: with the order of the list, the end of the list never runs.
    expect(outcomeOf({ ...slow, order: BEFORE.order }).starved).toBeGreaterThan(2_500);
  });

  test('starve at the end of the list with the settings of version 0.1.0', () => {
    const { starved } = outcomeOf({ ...BEFORE, datasets: [deployedBefore(DATASET)] });
    expect(starved).toBeGreaterThan(2_500);
  });

  test('take turns more slowly if every message that waited needs a run', () => {
    const fair = outcomeOf({}).longestWaits.at(-1) ?? 0;
    expect(outcomeOf({ covers: BEFORE.covers }).longestWaits.at(-1)).toBeGreaterThan(1.3 * fair);
  });
});

/** The datasets of the default configuration. */
const ENABLED = declarations.filter(({ isOptional }) => !isOptional);

/** An account with ten executions for all datasets and for `dispatch`. */
function inNewAccount(change: Partial<Model> = {}) {
  return simulateQueues({
    projects: 1_000,
    datasets: ENABLED.map((dataset) => deployed(dataset, DEFAULT_CONCURRENCY)),
    accountConcurrency: 10,
    // A project without a run for a day, half of the time, starves.
    hours: 48,
    ...PRODUCT,
    ...change,
  });
}

test.each([1_000, 3_000])(
  'of %i projects in a new account none starves, although their runs are throttled',
  (projects) => {
    const outcomes = inNewAccount({ projects });
    expect(outcomes.some(({ throttled }) => throttled > 0)).toBe(true);
    for (const { name, starved, dead } of outcomes) expect([name, starved, dead]).toEqual([name, 0, 0]);
  },
);

test('throttling makes no dead letters of ticks in a new account with a thousand projects', () => {
  const lost = (outcomes: ReturnType<typeof inNewAccount>) =>
    outcomes.reduce((sum, { deadTicks }) => sum + deadTicks, 0);
  expect(lost(inNewAccount())).toBe(0);
  // A planted bug: the patience of version 0.1.0.
  expect(lost(inNewAccount({ dispatchPatience: BEFORE.dispatchPatience }))).toBeGreaterThan(0);
});

test('throttling makes dead letters with the receives and the visibility timeout of version 0.1.0', () => {
  const outcomes = simulateQueues({
    projects: 1_000,
    datasets: declarations.map(deployedBefore),
    accountConcurrency: 10,
    hours: 12,
    ...PRODUCT,
  });
  expect(outcomes.reduce((sum, { dead }) => sum + dead, 0)).toBeGreaterThan(0);
});

test('a project that has its own time gets a run of each tick', () => {
  const { longestWaits, redundant, expired } = outcomeOf({ projects: 100 });
  expect(longestWaits.at(-1)).toBeLessThan(25 * MINUTE);
  expect({ redundant, expired }).toEqual({ redundant: 0, expired: 0 });
});
