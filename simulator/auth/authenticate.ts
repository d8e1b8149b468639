import { ApiError } from '../http/api-error.ts';
import type { User } from './credentials.ts';
import type { DigestAuthentication } from './digest.ts';
import type { Tokens } from './tokens.ts';

/** The parts of a request that identify its sender. */
export interface SignedRequest {
  method: string;
  /** Path and query as the client sent them. */
  target: string;
  authorization: string | undefined;
}

/**
 * Returns the sender of a request.
 *
 * @throws ApiError 401, with a Digest challenge unless the request has a token
 */
export function authenticate(request: SignedRequest, tokens: Tokens, digest: DigestAuthentication): User {
  const { authorization = '', method, target } = request;
  const token = /^Bearer (.+)$/i.exec(authorization)?.[1];
  if (token !== undefined) {
    const user = tokens.userOf(token);
    if (user === undefined) throw unauthorized('Bearer error="invalid_token"');
    return user;
  }
  if (!/^Digest /i.test(authorization)) throw unauthorized(digest.challenge(false));
  const verdict = digest.check(authorization, method, target);
  if (verdict.kind === 'user') return verdict.user;
  throw unauthorized(digest.challenge(verdict.kind === 'stale'));
}

function unauthorized(challenge: string): ApiError {
  return new ApiError(401, 'UNEXPECTED_ERROR', 'You are not authorized for this resource.', [], {
    'WWW-Authenticate': challenge,
  });
}
