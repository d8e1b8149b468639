import { diskMeasurementsDataset } from '../../functions/disk-measurements/collector.ts';
import { MINUTE } from '../../shared/durations.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { T } from '../support/times.ts';
import { startBenchCollector } from './collector.ts';

const TICK = 20 * MINUTE;

/** The latency of a request, in ms. A run requests lists one after another and takes six steps at a time. */
const LATENCY = 100;
const CONCURRENT_STEPS = 6;

/** The number of projects that the stack collects at a time. */
const CONCURRENT_PROJECTS = 10;

export interface Growth {
  projects: number;
  requests: number;
  /** The time that one tick waits for Atlas, computed from the number of requests. */
  seconds: number;
}

/** Measures one tick of disks for growing numbers of projects, each with three processes and a disk. */
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
        // The first tick discovers the targets. The second is like every later tick.
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
