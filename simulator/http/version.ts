import { ApiError } from './api-error.ts';
import type { ApiRoute } from './api-route.ts';

const MEDIA_TYPE = /application\/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+(json|gzip)/;

/**
 * Returns the date of the resource's version for a client: the newest that is not after the requested date.
 *
 * @throws ApiError 406 when the header has no date, 410 when that version was withdrawn or the date precedes all
 *   versions
 */
export function negotiateVersion(accept: string | undefined, route: ApiRoute, path: string): string {
  const [, date, format] = MEDIA_TYPE.exec(accept ?? '') ?? [];
  if (date === undefined || format !== (route.format ?? 'json') || !isDate(date)) {
    throw new ApiError(406, 'INVALID_VERSION_DATE', 'The version date in the Accept header is not valid.', [
      date ?? accept ?? '',
    ]);
  }
  const known = [...route.versions, ...(route.withdrawn ?? [])].sort();
  const version = known.findLast((candidate) => candidate <= date);
  if (version !== undefined && route.versions.includes(version)) return version;
  const resource = path.replace(/^\//, '');
  const detail = `Version ${version ?? date} of ${resource} is no longer available.`;
  throw new ApiError(410, 'VERSION_GONE', detail, [version ?? date, resource]);
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
