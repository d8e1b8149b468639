import { diskMeasurementsDataset } from '../../functions/disk-measurements/collector.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { T } from '../support/times.ts';
import { startBenchCollector } from './collector.ts';

const TICK = 20 * 60_000;

/** Milliseconds; a run asks for lists one after the other, and takes six steps at a time. */
const LATENCY = 100;
const CONCURRENT_STEPS = 6;

/** As many projects are collected at a time as the stack allows. */
const CONCURRENT_PROJECTS = 10;

export interface Growth {
  projects: number;
  requests: number;
  /** The time of one tick that is spent waiting for Atlas, from the number of requests. */
  seconds: number;
}

/** One tick of disks as projects grow, each with three processes and a disk. */
export async function growth(sizes: readonly number[]): Promise<Growth[]> {
  const figures: Growth[] = [];
  for (const projects of sizes) {
    const organisation = createOrganisation({
      projects: Array.from({ length: projects }, (_, number) => ({
        name: `project ${number}`,
        clusters: [{ name: 'c', nodes: 3 }],
      })),
    });
    const collector = await startBenchCollector({
      organisation,
      start: T,
      config: { datasets: { disk_measurements: { backfill: 'PT20M' } } },
    });
    try {
      let waited = 0;
      let requests = 0;
      for (const project of collector.projects) {
        // The first tick finds out what there is; the second is what every later one is like.
        for (const tick of [T, T + TICK]) {
          collector.simulator.clock.set(tick);
          const run = await collector.collect(diskMeasurementsDataset, project, tick);
          if (tick === T) continue;
          waited += (run.requests - run.steps + Math.ceil(run.steps / CONCURRENT_STEPS)) * LATENCY;
          requests += run.requests;
        }
      }
      const seconds = waited / 1_000 / Math.min(projects, CONCURRENT_PROJECTS);
      figures.push({ projects, requests, seconds: Number(seconds.toFixed(1)) });
    } finally {
      await collector.close();
    }
  }
  return figures;
}
