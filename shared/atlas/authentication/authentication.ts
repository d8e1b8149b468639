import type { Clock } from '../../clock.ts';
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

/** The token endpoint refuses the credentials. Answered by reading them again, so it never leaves this folder. */
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
 * Milliseconds for which the token endpoint is not asked again after it refused what the credentials are now: it allows
 * ten requests a minute, and a run has many targets.
 */
const REFUSAL_MEMORY = 60_000;

/** Proves to Atlas who asks, with the credentials that are in force now. */
export class Authentication {
  readonly #options: AuthenticationOptions;
  #loaded: Promise<Loaded> | undefined;
  #rereading: Promise<Loaded> | undefined;
  #refusal: { until: number; error: AtlasAuthenticationError } | undefined;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
  }

  /**
   * @throws AtlasAuthenticationError when the token endpoint refuses the credentials, and again after they were read
   *   anew; AtlasConfigurationError when they cannot be credentials; what `credentials()` throws
   */
  async authorize(scope: CallContext): Promise<Authorization> {
    const refusal = this.#refusal;
    if (refusal !== undefined && this.#options.clock.now() < refusal.until) throw refusal.error;
    const { scheme } = await this.#load();
    try {
      return await scheme.authorize(scope);
    } catch (error) {
      if (!(error instanceof CredentialsRefused)) throw error;
      if (!(await this.reload(scheme))) throw this.#remember(error.refusal);
    }
    const renewed = await this.#load();
    try {
      return await renewed.scheme.authorize(scope);
    } catch (error) {
      throw error instanceof CredentialsRefused ? this.#remember(error.refusal) : error;
    }
  }

  /** Reads the credentials again, for Atlas refuses those of this scheme. True when there are others now. */
  async reload(refused: Scheme): Promise<boolean> {
    const before = await this.#load();
    // Another request was quicker.
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

/** The error for a 401 that came back after everything that could be renewed was. */
export function refusedByAtlas(
  errorContext: ErrorContext & { cause: AtlasApiError },
): AtlasAuthenticationError {
  const text =
    errorContext.cause.errorCode === null
      ? 'the credentials are refused (401), also after they were renewed, by an answer that is not from Atlas (it has no error code)'
      : 'Atlas refuses the credentials (401), also after they were renewed';
  return new AtlasAuthenticationError(text, errorContext);
}
