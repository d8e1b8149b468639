import { ApiError } from '../http/api-error.ts';
import type { User } from './credentials.ts';
import type { DigestGate } from './digest.ts';
import type { Tokens } from './tokens.ts';

/** What of a request tells who sends it. */
export interface SignedRequest {
  method: string;
  /** Path and query as they were sent. */
  target: string;
  authorization: string | undefined;
}

/**
 * Who sends a request.
 *
 * @throws ApiError 401, with a Digest challenge unless a token was sent
 */
export function authenticate(request: SignedRequest, tokens: Tokens, digest: DigestGate): User {
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
