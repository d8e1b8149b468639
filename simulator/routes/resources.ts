import { ApiError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { organisationOf, projectOf } from '../http/lookups.ts';
import { page } from '../http/pages.ts';
import type { ListOwner, ListParameters, ResourceList } from '../resources/resource-list.ts';
import { listParametersAt, RESOURCE_LISTS, resourcesAt } from '../resources/resources.ts';

/** The routes of all resource lists, as their table describes them. */
export const RESOURCE_ROUTES: readonly ApiRoute[] = RESOURCE_LISTS.map((list) => ({
  operation: list.kind,
  path: `/api/atlas/v2${list.path}`,
  versions: [list.version],
  set: list.set,
  list: list.format === 'pages',
  handle(request) {
    const { organisation } = request;
    const project = list.scope === 'project' ? projectOf(request) : undefined;
    if (project === undefined) organisationOf(request);
    const owner = { organisation, project };
    const parameters = parametersOf(list, request, owner);
    const documents = resourcesAt(list, owner, parameters, request.now).map((document) => ({
      ...document,
      links: [{ href: request.origin + request.path, rel: 'self' }],
    }));
    if (list.format === 'pages') return page(request, documents);
    if (list.format === 'array') return documents;
    const [document] = documents;
    if (document !== undefined) return document;
    const { status, code } = list.absent ?? { status: 404, code: 'RESOURCE_NOT_FOUND' };
    throw new ApiError(status, code, 'There is none.', [...Object.values(parameters)]);
  },
}));

/** Returns the parameters that the path and query name. @throws ApiError 404 when there is no such list now */
function parametersOf(list: ResourceList, request: ApiRequest, owner: ListOwner): ListParameters {
  const { query } = list;
  const chosen: ListParameters = query
    ? { [query.placeholder]: request.query.get(query.parameter) ?? query.fallback }
    : {};
  const parameters = listParametersAt(list, owner, request.now).find((candidate) =>
    Object.entries(candidate).every(([name, value]) => (chosen[name] ?? request.parameter(name)) === value),
  );
  if (parameters !== undefined) return parameters;
  const refusal = list.refusal?.(owner, (name) => request.parameter(name));
  if (refusal) throw new ApiError(refusal.status, refusal.code, 'This cluster has no such list.', []);
  throw new ApiError(404, 'PARENT_NOT_FOUND', 'What this belongs to does not exist.', []);
}
