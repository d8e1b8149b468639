import type { ApiRoute } from './api-route.ts';

/** A route that matches a path, with the values of its placeholders. */
export interface RouteMatch {
  route: ApiRoute;
  parameters: ReadonlyMap<string, string>;
}

/** Splits a request target at the first question mark. */
export function splitTarget(target: string): { path: string; query: string } {
  const [path = '', ...rest] = target.split('?');
  return { path, query: rest.join('?') };
}

/** Returns the route for a path (without query), or undefined. Segments may be percent-encoded or raw. */
export function matchRoute(routes: readonly ApiRoute[], path: string): RouteMatch | undefined {
  const segments = path.split('/').map(decode);
  for (const route of routes) {
    const parameters = matchSegments(route.path.split('/'), segments);
    if (parameters !== undefined) return { route, parameters };
  }
  return undefined;
}

function matchSegments(pattern: string[], segments: (string | undefined)[]) {
  if (pattern.length !== segments.length) return undefined;
  const parameters = new Map<string, string>();
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    const placeholder = /^\{(\w+)\}$/.exec(expected)?.[1];
    if (placeholder !== undefined && segment !== '') parameters.set(placeholder, segment);
    else if (segment !== expected) return undefined;
  }
  return parameters;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
