import { afterEach, describe, expect, it } from 'vitest';
import type { ResourceRead } from '../../../shared/atlas/api.ts';
import { AtlasApiError, AtlasAuthenticationError } from '../../../shared/atlas/errors.ts';
import { isRefused } from '../../../shared/atlas/refusal.ts';
import { API_KEY, errorBody, failureOf, json, PROJECT, ScriptedAtlas } from './scripted-atlas.ts';

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

const ROLES: ResourceRead = {
  resourceType: 'custom_db_role',
  segments: ['groups', PROJECT, 'customDBRoles', 'roles'],
  query: [],
  version: '2023-01-01',
  response: 'array',
  id: 'roleName',
  limit: { set: 'Custom Database Roles', scope: 'project', id: PROJECT },
};

describe('listResources', () => {
  it('requests the list at its own version, with encoded names', async () => {
    atlas = await ScriptedAtlas.start((_request, response) => json(response, 200, [{ roleName: 'a' }]));
    const read = { ...ROLES, segments: ['groups', PROJECT, 'a/b', 'ä'], query: [['x', '&y']] as const };
    expect((await atlas.session().listResources(read)).items).toEqual([{ roleName: 'a' }]);
    const [request] = atlas.requests;
    expect(request?.url).toBe(`/api/atlas/v2/groups/${PROJECT}/a%2Fb/%C3%A4?x=%26y`);
    expect(request?.headers.accept).toBe('application/vnd.atlas.2023-01-01+json');
  });

  it('reads all pages, and returns an item that shifts to the next page once', async () => {
    const pages: Record<string, unknown> = {
      1: { results: [{ id: 'a', n: 1 }, { id: 'b' }], links: [{ rel: 'next', href: 'https://elsewhere' }] },
      2: { results: [{ id: 'b', n: 2 }, { id: 'c' }], links: [] },
    };
    atlas = await ScriptedAtlas.start((request, response) => {
      const url = new URL(request.url ?? '', 'http://atlas');
      expect(url.searchParams.get('providerName')).toBe('AZURE');
      json(response, 200, pages[url.searchParams.get('pageNum') ?? '']);
    });
    const read = {
      ...ROLES,
      response: 'pages',
      id: 'id',
      query: [['providerName', 'AZURE']],
    } satisfies ResourceRead;
    const { items } = await atlas.session().listResources(read);
    expect(items).toEqual([{ id: 'a', n: 1 }, { id: 'b' }, { id: 'c' }]);
  });

  it('returns a single document', async () => {
    atlas = await ScriptedAtlas.start((_request, response) => json(response, 200, { id: 'x' }));
    const { items } = await atlas.session().listResources({ ...ROLES, response: 'document' });
    expect(items).toEqual([{ id: 'x' }]);
  });

  it.each(['pages', 'array', 'document'] as const)(
    'rejects a response that is not a list: %s',
    async (answer) => {
      atlas = await ScriptedAtlas.start((_request, response) => json(response, 200, 'nothing of the kind'));
      const error = await failureOf(atlas.session().listResources({ ...ROLES, response: answer }));
      expect(error).toMatchObject({ name: 'AtlasResponseError', problem: 'shape' });
    },
  );
});

describe('isRefused', () => {
  it.each(['service account', 'API key'])(
    'is true for an insufficient role, without new credentials: %s',
    async (kind) => {
      atlas = await ScriptedAtlas.start((request, response) => {
        if (request.headers.authorization === undefined) {
          const challenge = { 'www-authenticate': 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"' };
          json(response, 401, errorBody(401, 'UNEXPECTED_ERROR'), challenge);
        } else json(response, 401, errorBody(401, 'USER_UNAUTHORIZED'));
      });
      const session = atlas.session(kind === 'API key' ? { credentials: async () => API_KEY } : {});
      for (let time = 0; time < 3; time += 1) {
        const error = await failureOf(session.listResources(ROLES));
        expect(error).toBeInstanceOf(AtlasApiError);
        expect(isRefused(error)).toBe(true);
      }
      expect(atlas.tokenRequests).toHaveLength(kind === 'API key' ? 0 : 1);
      expect(atlas.requests).toHaveLength(kind === 'API key' ? 4 : 3);
    },
  );

  it('is false for refused credentials', async () => {
    atlas = await ScriptedAtlas.start((_request, response) =>
      json(response, 401, errorBody(401, 'UNEXPECTED_ERROR')),
    );
    const error = await failureOf(atlas.session().listResources(ROLES));
    expect(error).toBeInstanceOf(AtlasAuthenticationError);
    expect(isRefused(error)).toBe(false);
  });

  it.each([
    [404, 'RESOURCE_NOT_FOUND', true],
    [410, 'VERSION_GONE', false],
    [403, 'USER_UNAUTHORIZED', true],
    [403, 'FEATURE_NOT_ENABLED', true],
    [403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', false],
    [400, 'CANNOT_USE_ON_TENANT_CLUSTER', true],
    [400, 'BACKUP_IS_DISABLED', true],
    [400, 'INVALID_QUERY_PARAMETER', false],
    [406, 'INVALID_VERSION_DATE', false],
    [501, 'NOT_IMPLEMENTED', true],
    [402, 'ACCOUNT_SUSPENDED', false],
  ])('returns the right value for %i %s: %s', async (status, code, refused) => {
    atlas = await ScriptedAtlas.start((_request, response) =>
      json(response, status, errorBody(status, code)),
    );
    expect(isRefused(await failureOf(atlas.session().listResources(ROLES)))).toBe(refused);
  });
});
