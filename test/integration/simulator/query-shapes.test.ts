import { afterEach, expect, test } from 'vitest';
import type { ClusterShape } from '../../../simulator/organisation/shapes.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { shapesIn } from '../../../simulator/query-shapes.ts';
import { HOUR } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, listOf, startApi } from './api-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

async function start(shape: Partial<ClusterShape> = {}) {
  const organisation = createOrganisation({
    projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1, queryShapes: 250, ...shape }] }],
  });
  const [project] = organisation.projects;
  const [cluster] = project?.clusters ?? [];
  if (!project || !cluster) throw new Error('no cluster');
  api = await startApi({ organisation, now: T, rateLimits: false });
  const path = `/groups/${project.id}/clusters/c/queryShapeInsights/summaries`;
  const read = async (query: string) => listOf((await api.get(`${path}?${query}`)).document['summaries']);
  return { organisation, cluster, path, read };
}

test('the shapes of an hour are the computed ones, the busiest first, and at most 100', async () => {
  const { organisation, cluster, read } = await start();
  for (let start = T - 12 * HOUR; start < T; start += HOUR) {
    const span = { start, end: start + HOUR };
    const all = shapesIn(organisation, cluster, { ...span, most: 250 }, T);
    expect(await read(`since=${span.start}&until=${span.end}`)).toEqual(all.slice(0, 100));
    expect(await read(`since=${span.start}&until=${span.end}&nSummaries=2`)).toEqual(all.slice(0, 2));
  }
});

test.each([
  [{}, 'nSummaries=101', 400, 'INVALID_QUERY_PARAMETER'],
  [{ instanceSize: 'M0' }, '', 400, 'INSUFFICIENT_INSTANCE_SIZE'],
  [{ version: '7.0.5' }, '', 400, 'UNSUPPORTED_MONGODB_VERSION'],
  [{ listedUntil: T - 1 }, '', 404, 'CLUSTER_NOT_FOUND'],
])('a cluster with %j answers ?%s with %i %s', async (shape, query, status, code) => {
  const { path } = await start(shape);
  expect(await api.refusal(`${path}?${query}`)).toEqual([status, code]);
});
