import { OAuthError, type TokenRequest, type Tokens } from '../auth/tokens.ts';
import type { Fault } from '../faults.ts';
import { errorAnswer, faultAnswer } from './api.ts';
import { ApiError } from './api-error.ts';
import type { Answer } from './respond.ts';

/** Answers `POST /api/oauth/token`. */
export function answerToken(
  tokens: Tokens,
  method: string,
  request: TokenRequest,
  fault: Fault | undefined,
): Answer {
  if (fault?.kind === 'status') return faultAnswer(fault);
  try {
    if (method !== 'POST') throw new ApiError(405, 'METHOD_NOT_ALLOWED', 'Only POST is allowed.');
    return oauthAnswer(200, tokens.issue(request));
  } catch (error) {
    if (error instanceof OAuthError) {
      return oauthAnswer(error.status, { error_description: error.message, error: error.error });
    }
    if (error instanceof ApiError) return errorAnswer(error);
    throw error;
  }
}

function oauthAnswer(status: number, body: object): Answer {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return { status, headers, body: JSON.stringify(body) };
}
