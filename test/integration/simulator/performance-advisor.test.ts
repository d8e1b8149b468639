import { afterEach, expect, test } from 'vitest';
import type { ClusterShape } from '../../../simulator/organisation/shapes.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import {
  createdIndexes,
  droppedIndexes,
  schemaRecommendations,
} from '../../../simulator/performance-advisor.ts';
import { DAY } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, listOf, startApi } from './api-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

const NOON = T;
const headers = { Accept: 'application/vnd.atlas.2024-08-05+json' };

async function start(shape: Partial<ClusterShape> = {}) {
  const cluster = { name: 'c', nodes: 1, advice: { indexes: 7, drops: 5, schemas: 3 }, ...shape };
  const organisation = createOrganisation({ projects: [{ name: 'p', clusters: [cluster] }] });
  const [project] = organisation.projects;
  const [only] = project?.clusters ?? [];
  if (!project || !only) throw new Error('no cluster');
  api = await startApi({ organisation, now: NOON, rateLimits: false });
  const path = `/groups/${project.id}/clusters/c/performanceAdvisor`;
  const content = async (list: string): Promise<Record<string, unknown>> => ({
    ...Object((await api.get(`${path}/${list}`, headers)).document['content']),
  });
  return { path, content, cluster: only, organisation };
}

test('suggested indexes are the computed ones of the span, with ids of one response', async () => {
  const { content, cluster, organisation } = await start();
  const span = { start: NOON - 2 * DAY, end: NOON - DAY };
  const expected = createdIndexes(organisation, cluster, span, NOON);
  expect(expected.length).toBeGreaterThan(3);
  const read = () => content(`suggestedIndexes?since=${span.start}&until=${span.end}`);
  const [first, second] = [await read(), await read()];
  const indexes = listOf(first['suggestedIndexes']);
  expect(indexes.map(({ id: _, impact: __, ...index }) => index)).toEqual(
    expected.map(({ shapes: _, ...index }) => index),
  );
  const ids = listOf(first['shapes']).map(({ id }) => id);
  expect(indexes.flatMap(({ impact }) => impact)).toEqual(ids);
  expect(listOf(second['shapes']).map(({ id }) => id)).not.toEqual(ids);
});

test('drops and advice are those of the present', async () => {
  const { content, cluster } = await start();
  expect(await content('dropIndexSuggestions')).toEqual(droppedIndexes(cluster, NOON));
  expect(await content('schemaAdvice')).toEqual({ recommendations: schemaRecommendations(cluster, NOON) });
});

test.each([
  ['suggestedIndexes?until=5', 'MISSING_QUERY_PARAMETER'],
  ['suggestedIndexes?since=6&until=5', 'INVALID_QUERY_PARAMETER'],
  ['suggestedIndexes?since=2026-03-01', 'INVALID_QUERY_PARAMETER'],
])('%s is refused with %s', async (list, code) => {
  const { path } = await start();
  const { status, document } = await api.get(`${path}/${list}`, headers);
  expect([status, document['errorCode']]).toEqual([400, code]);
});

test.each([
  [{ instanceSize: 'M0' }, 400, 'INSUFFICIENT_INSTANCE_SIZE'],
  [{ listedUntil: NOON - 1 }, 404, 'CLUSTER_NOT_FOUND'],
])('a cluster with %j answers %i %s', async (shape, status, code) => {
  const { path } = await start(shape);
  for (const list of ['suggestedIndexes', 'dropIndexSuggestions', 'schemaAdvice']) {
    const response = await api.get(`${path}/${list}`, headers);
    expect([response.status, response.document['errorCode']]).toEqual([status, code]);
  }
});
