import { declarations } from '../../../functions/declarations.ts';
import { MINUTE } from '../../../shared/durations.ts';
import { DEFAULT_CONCURRENCY } from '../../../shared/worker/limits.ts';
import { BEFORE, deployed, deployedBefore, PRODUCT, RUN_SECONDS } from './settings.ts';
import { type DatasetOutcome, type Model, simulateQueues } from './simulation.ts';

/** What each dataset of a deployment did. */
export interface QueueReport {
  settings: string;
  projects: number;
  datasets: Array<{
    name: string;
    /** The longest time without the start of a run, by project, minutes. */
    median: number;
    p99: number;
    max: number;
    starved: number;
    /** Messages and ticks that became dead letters. */
    dead: number;
  }>;
}

/** The concurrency that a dataset needs, by number of projects; null if none of those tried is enough. */
export interface ConcurrencyNeed {
  name: string;
  everyMinutes: number;
  needed: Array<{ projects: number; concurrency: number | null }>;
}

const PROJECTS = [100, 300, 1_000, 3_000, 10_000];
const PROJECTS_OF_NEW_ACCOUNT = [100, 300, 1_000, 3_000];

/** The dataset with which ten thousand projects are compared. All of them would take minutes. */
const COMPARED = 'database_measurements';
const TRIED = [2, 3, 5, 10, 20, 30, 50, 100, 200];

/** The executions of a new account, and of one that AWS has given more. */
const NEW_ACCOUNT = 10;
const USUAL_ACCOUNT = 1_000;

/** Simulates the queues of several deployments, and looks for the concurrency that each dataset needs. */
export function queues(): { reports: QueueReport[]; needs: ConcurrencyNeed[] } {
  const enabled = declarations.filter(({ isOptional }) => !isOptional);
  const ofNewAccount = PROJECTS_OF_NEW_ACCOUNT.map((projects) =>
    reportOf('defaults, new account', {
      projects,
      datasets: enabled.map((one) => deployed(one, DEFAULT_CONCURRENCY)),
      accountConcurrency: NEW_ACCOUNT,
      hours: 48,
      ...PRODUCT,
    }),
  );
  const compared = declarations.filter(({ name }) => name === COMPARED);
  const tenThousand = { projects: 10_000, accountConcurrency: USUAL_ACCOUNT, hours: 48 };
  const before = reportOf('version 0.1.0: ten at a time', {
    ...tenThousand,
    datasets: compared.map(deployedBefore),
    ...BEFORE,
  });
  const after = [DEFAULT_CONCURRENCY, 10, 50].map((concurrency) =>
    reportOf(`${concurrency} at a time`, {
      ...tenThousand,
      datasets: compared.map((one) => deployed(one, concurrency)),
      ...PRODUCT,
    }),
  );
  const needs = declarations.map(({ name, everyMinutes }) => ({
    name,
    everyMinutes,
    needed: PROJECTS.map((projects) => ({
      projects,
      concurrency:
        TRIED.find((concurrency) => isEnough(concurrency, projects, { name, everyMinutes })) ?? null,
    })),
  }));
  return { reports: [...ofNewAccount, before, ...after], needs };
}

/** Returns whether every project gets a run of every tick. Two runs in a row may then be almost two ticks apart. */
function isEnough(
  concurrency: number,
  projects: number,
  dataset: { name: string; everyMinutes: number },
): boolean {
  if (concurrency < (projects * RUN_SECONDS) / (dataset.everyMinutes * 60)) return false;
  const [outcome] = simulateQueues({
    projects,
    datasets: [deployed(dataset, concurrency)],
    accountConcurrency: USUAL_ACCOUNT,
    hours: (8 * dataset.everyMinutes) / 60,
    ...PRODUCT,
  });
  const longest = outcome?.longestWaits.at(-1) ?? Number.POSITIVE_INFINITY;
  return longest <= 2 * dataset.everyMinutes * MINUTE;
}

function reportOf(settings: string, model: Model): QueueReport {
  const datasets = simulateQueues(model).map(({ name, longestWaits, starved, dead, deadTicks }) => ({
    name,
    median: quantile(longestWaits, 0.5),
    p99: quantile(longestWaits, 0.99),
    max: quantile(longestWaits, 1),
    starved,
    dead: dead + deadTicks,
  }));
  return { settings, projects: model.projects, datasets };
}

/** Returns a quantile of ascending times, in minutes. */
function quantile(times: DatasetOutcome['longestWaits'], share: number): number {
  const index = Math.min(times.length - 1, Math.floor(share * times.length));
  return Math.round((times[index] ?? 0) / MINUTE);
}
