import { AtlasConfigurationError } from './errors.ts';

export interface BaseUrl {
  /** Scheme, host and port. */
  origin: string;
  /** The path before `/api/…`, for an Atlas behind a proxy: empty, or `/prefix` without a trailing slash. */
  prefix: string;
}

/** `URL` writes every form of a loopback IPv4 address as dotted decimals. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Parses the address of Atlas. Credentials travel to it, so plain http is for loopback only.
 *
 * @throws AtlasConfigurationError when it is not a URL, not https, or contains credentials, a query or a fragment
 */
export function parseBaseUrl(text: string): BaseUrl {
  const url = URL.parse(text);
  if (url === null) throw refused('is not a URL');
  // Messages must not quote the URL: it may contain a password.
  if (url.username !== '' || url.password !== '') throw refused('must not contain credentials');
  if (url.search !== '' || url.hash !== '') throw refused('must not have a query or a fragment');
  const loopback = url.protocol === 'http:' && LOOPBACK.test(url.hostname);
  if (url.protocol !== 'https:' && !loopback)
    throw refused('must start with https:// (http:// is for loopback only)');
  return { origin: url.origin, prefix: withoutSlashes(url.pathname) };
}

function refused(what: string): AtlasConfigurationError {
  return new AtlasConfigurationError(`the base URL ${what}`, { operation: 'configuration', attempts: 0 });
}

/** Returns the path without trailing slashes. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}
