import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Api, type ApiResponse, listOf, results, startApi } from './api-client.ts';

describe('a list', () => {
  const names = Array.from({ length: 230 }, (_, index) => `database-${index}`);
  const organisation = createOrganisation({
    projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1, databases: names }] }],
  });
  const path = `/groups/${organisation.projects[0]?.id}/processes/${organisation.projects[0]?.processes[0]?.id}/databases`;
  let api: Api;
  beforeAll(async () => {
    api = await startApi({ organisation, totalCountError: -3 });
  });
  afterAll(() => api.simulator.close());

  const found = (response: ApiResponse) => results(response).map(({ databaseName }) => databaseName);
  const rels = ({ document }: ApiResponse) => listOf(document['links']).map(({ rel }) => rel);

  test('has pages of a hundred items that link to each other', async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((number) => api.get(`${path}?pageNum=${number}`)));
    expect(pages.map((response) => found(response).length)).toEqual([100, 100, 30, 0]);
    expect(pages.flatMap(found)).toEqual(names);
    expect(pages.map(rels)).toEqual([
      ['self', 'next'],
      ['self', 'previous', 'next'],
      ['self', 'previous'],
      ['self', 'previous'],
    ]);
  });

  test('can be read by following the links', async () => {
    const all: unknown[] = [];
    let next: string | undefined = `${path}?itemsPerPage=77`;
    while (next !== undefined) {
      const response = await api.get(next);
      all.push(...found(response));
      const link = listOf(response.document['links']).find(({ rel }) => rel === 'next');
      next = link && String(link['href']).replace(`${api.simulator.url}/api/atlas/v2`, '');
    }
    expect(all).toEqual(names);
  });

  test('estimates its length unless includeCount is false', async () => {
    expect((await api.get(path)).document['totalCount']).toBe(227);
    expect((await api.get(`${path}?includeCount=false`)).document).not.toHaveProperty('totalCount');
  });

  test.each([
    'itemsPerPage=0',
    'itemsPerPage=501',
    'pageNum=0',
    'pageNum=-1',
    'pageNum=x',
    'itemsPerPage=1.5',
  ])('is rejected with %s', async (query) => {
    expect(await api.refusal(`${path}?${query}`)).toEqual([400, 'INVALID_QUERY_PARAMETER']);
  });

  test('has its status in an envelope, and can be indented', async () => {
    const { document } = await api.get(`${path}?envelope=true&itemsPerPage=1`);
    expect(document).toMatchObject({ status: 200, results: [{ databaseName: 'database-0' }] });
    const pretty = await api.get(`${path}?pretty=true&itemsPerPage=1`);
    expect(pretty.text.split('\n').length).toBeGreaterThan(10);
    expect((await api.get(`${path}?itemsPerPage=1`)).text).not.toContain('\n');
  });
});
