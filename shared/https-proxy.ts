/** The proxy through which requests to an Atlas at an https:// address go. */
export interface HttpsProxy {
  /** Its address, with user and password if it needs them. */
  url: string;
  /** Hosts that are reached directly, separated by commas. */
  except: string;
  /** What must not be in any message. */
  secrets: readonly string[];
}

/** An address that cannot be one of a proxy. The message does not quote it, because it may contain a password. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

/**
 * Reads the proxy from the usual environment variables; lower case comes first, as in curl. Plain http, which is for
 * loopback only, never goes through a proxy, so HTTP_PROXY has no effect.
 *
 * @returns undefined if HTTPS_PROXY has no value
 * @throws {ProxyError}
 */
export function proxyFrom(variables: NodeJS.ProcessEnv): HttpsProxy | undefined {
  const given = variables['https_proxy'] || variables['HTTPS_PROXY'];
  if (!given) return undefined;
  const except = variables['no_proxy'] || variables['NO_PROXY'] || '';
  try {
    const url = proxyUrl(given);
    return { url: url.href, except, secrets: secretsIn(url) };
  } catch (error) {
    throw error instanceof ProxyError ? new ProxyError(`HTTPS_PROXY: ${error.message}`) : error;
  }
}

/** Parses the address of a proxy. @throws {ProxyError} */
export function proxyUrl(text: string): URL {
  // curl and others take an address without a scheme for http.
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null) {
    throw new ProxyError('expected the address of a proxy, such as http://proxy.example.com:3128');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ProxyError('expected http:// or https://, because other kinds of proxies are not supported');
  }
  return url;
}

/** Returns the user's name and password in each form in which a proxy could repeat them. */
function secretsIn({ username, password }: URL): string[] {
  const [user, secret] = [decoded(username), decoded(password)];
  if (user === '' && secret === '') return [];
  const basic = Buffer.from(`${user}:${secret}`).toString('base64');
  // The longest first: a shorter one may be a part of it.
  const forms = [basic, secret, password, user, username].filter((form) => form !== '');
  return [...new Set(forms)].sort((one, other) => other.length - one.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ProxyError(
      'expected two hexadecimal digits after each % of user and password; write %25 for %',
    );
  }
}
