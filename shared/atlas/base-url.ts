import { AtlasConfigurationError } from './errors.ts';

export interface BaseUrl {
  /** Scheme, host and port. */
  origin: string;
  /** What comes before `/api/…`, for an Atlas behind a proxy: empty, or `/prefix` without a slash at its end. */
  prefix: string;
}

/** `URL` writes every form of a loopback IPv4 address as dotted decimals. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Where Atlas is. Credentials travel to this address, so plain http is for loopback only.
 *
 * @throws AtlasConfigurationError when it is no URL, not https, or holds credentials, a query or a fragment
 */
export function parseBaseUrl(text: string): BaseUrl {
  const url = URL.parse(text);
  if (url === null) throw refused('is not a URL');
  // Not quoted before this point: such a URL has a password in it.
  if (url.username !== '' || url.password !== '') throw refused('must not hold credentials');
  if (url.search !== '' || url.hash !== '') throw refused('must not have a query or a fragment');
  const loopback = url.protocol === 'http:' && LOOPBACK.test(url.hostname);
  if (url.protocol !== 'https:' && !loopback)
    throw refused('must start with https:// (http:// is for loopback only)');
  return { origin: url.origin, prefix: withoutSlashes(url.pathname) };
}

function refused(what: string): AtlasConfigurationError {
  return new AtlasConfigurationError(`the base URL ${what}`, { operation: 'configuration', attempts: 0 });
}

/** The path without the slashes at its end. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}
