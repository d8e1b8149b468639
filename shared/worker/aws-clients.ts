/**
 * The options of every AWS client. Its requests are small. The SDK retries a request that takes longer than
 * this, with three attempts in all.
 */
export const AWS_CLIENT_DEFAULTS = {
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
} as const;
