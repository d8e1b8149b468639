/**
 * How every AWS client is made. Its requests are small; what has not been answered after so long is tried again by
 * the SDK, three times in all.
 */
export const AWS_CLIENT_DEFAULTS = {
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
} as const;
