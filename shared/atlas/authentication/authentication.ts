import type { Clock } from '../../clock.ts';
import { MINUTE } from '../../durations.ts';
import type { AtlasCredentials } from '../api.ts';
import type { CallContext } from '../call-context.ts';
import { type AtlasApiError, AtlasAuthenticationError, type ErrorContext } from '../errors.ts';
import { ApiKeyScheme } from './api-key.ts';
import { assertUsable, sameCredentials } from './credentials.ts';
import type { Authorization, Scheme } from './scheme.ts';
import { type RequestToken, ServiceAccountScheme } from './service-account.ts';

export interface AuthenticationOptions {
  readonly credentials: () => Promise<AtlasCredentials>;
  readonly requestToken: RequestToken;
  readonly clock: Clock;
}

/**
 * The token endpoint refuses the credentials. `Authentication` handles it by reading them again, so it never leaves
 * this folder.
 */
export class CredentialsRefused extends Error {
  readonly refusal: AtlasAuthenticationError;

  constructor(refusal: AtlasAuthenticationError) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

interface Loaded {
  readonly credentials: AtlasCredentials;
  readonly scheme: Scheme;
}

/**
 * Milliseconds without another token request after the endpoint refused the current credentials. The endpoint allows
 * ten requests a minute, and a run has many targets.
 */
const REFUSAL_MEMORY = MINUTE;

/** Authenticates requests with the current credentials. */
export class Authentication {
  readonly #options: AuthenticationOptions;
  #loaded: Promise<Loaded> | undefined;
  #rereading: Promise<Loaded> | undefined;
  #refusal: { until: number; error: AtlasAuthenticationError } | undefined;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
  }

  /**
   * Returns the authorization for one request.
   *
   * @throws AtlasAuthenticationError when the token endpoint refuses the credentials, and refuses them again after they
   *   were read again
   * @throws AtlasConfigurationError when the credentials are malformed; and what `credentials()` throws
   */
  async authorize(context: CallContext): Promise<Authorization> {
    const refusal = this.#refusal;
    if (refusal !== undefined && this.#options.clock.now() < refusal.until) throw refusal.error;
    const { scheme } = await this.#load();
    try {
      return await scheme.authorize(context);
    } catch (error) {
      if (!(error instanceof CredentialsRefused)) throw error;
      if (!(await this.reload(scheme))) throw this.#remember(error.refusal);
    }
    const renewed = await this.#load();
    try {
      return await renewed.scheme.authorize(context);
    } catch (error) {
      throw error instanceof CredentialsRefused ? this.#remember(error.refusal) : error;
    }
  }

  /** Reads the credentials again after Atlas refused those of this scheme. Returns true if they have changed. */
  async reload(refused: Scheme): Promise<boolean> {
    const before = await this.#load();
    // Another request has already reloaded them.
    if (before.scheme !== refused) return true;
    this.#rereading ??= this.#read(before).finally(() => {
      this.#rereading = undefined;
    });
    const after = await this.#rereading;
    this.#loaded = Promise.resolve(after);
    return after.scheme !== refused;
  }

  #remember(error: AtlasAuthenticationError): AtlasAuthenticationError {
    this.#refusal = { until: this.#options.clock.now() + REFUSAL_MEMORY, error };
    return error;
  }

  #load(): Promise<Loaded> {
    if (this.#loaded === undefined) {
      const reading = this.#read(undefined);
      this.#loaded = reading;
      reading.catch(() => {
        this.#loaded = undefined;
      });
    }
    return this.#loaded;
  }

  async #read(before: Loaded | undefined): Promise<Loaded> {
    const credentials = await this.#options.credentials();
    assertUsable(credentials);
    if (before !== undefined && sameCredentials(before.credentials, credentials)) return before;
    return { credentials, scheme: this.#schemeFor(credentials) };
  }

  #schemeFor(credentials: AtlasCredentials): Scheme {
    if (credentials.kind === 'api-key')
      return new ApiKeyScheme(credentials.publicKey, credentials.privateKey);
    return new ServiceAccountScheme(credentials.clientId, credentials.clientSecret, this.#options);
  }
}

/**
 * Returns the error for a 401 that persists after renewing everything that can be renewed.
 *
 * @param wasSigned whether any request had credentials
 */
export function refusedByAtlas(
  errorContext: ErrorContext & { cause: AtlasApiError },
  wasSigned: boolean,
): AtlasAuthenticationError {
  const who =
    errorContext.cause.errorCode === null
      ? 'a response that is not from Atlas (it has no error code)'
      : 'Atlas';
  const what = wasSigned
    ? 'refuses the credentials (401), even after they were renewed'
    : 'offers no supported way to authenticate (401): the credentials were not sent';
  return new AtlasAuthenticationError(`${who} ${what}`, errorContext);
}
