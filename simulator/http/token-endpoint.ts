import { OAuthError, type TokenRequest, type Tokens } from '../auth/tokens.ts';
import type { Fault } from '../faults.ts';
import { errorResponse, faultResponse } from './api.ts';
import { ApiError } from './api-error.ts';
import type { HttpResponse } from './respond.ts';

/** Responds to `POST /api/oauth/token`. */
export function handleTokenRequest(
  tokens: Tokens,
  method: string,
  request: TokenRequest,
  fault: Fault | undefined,
): HttpResponse {
  if (fault?.kind === 'status') return faultResponse(fault);
  try {
    if (method !== 'POST') throw new ApiError(405, 'METHOD_NOT_ALLOWED', 'Only POST is allowed.');
    return oauthResponse(200, tokens.issue(request));
  } catch (error) {
    if (error instanceof OAuthError) {
      return oauthResponse(error.status, { error_description: error.message, error: error.error });
    }
    if (error instanceof ApiError) return errorResponse(error);
    throw error;
  }
}

function oauthResponse(status: number, body: object): HttpResponse {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return { status, headers, body: JSON.stringify(body) };
}
