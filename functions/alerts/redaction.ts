import { isExactNumber } from '../../shared/atlas/exact-json.ts';

/** Replaces a credential. */
export const REDACTED = '[redacted]';

/**
 * Fields that hold credentials, matched by common parts of their names so that future kinds of notifications are
 * covered. Atlas has `apiToken`, `notificationToken`, `flowdockApiToken`, `datadogApiKey`, `opsGenieApiKey`,
 * `victorOpsApiKey`, `victorOpsRoutingKey`, `serviceKey`, `webhookSecret`, `webhookUrl` and `microsoftTeamsWebhookUrl`.
 * Anyone who knows the addresses can post to them. Atlas shortens most of these in its answers ("partially redacted");
 * the remainder is removed too.
 */
const CREDENTIAL = /token|key|secret|passw|passphrase|credential|auth|signature|webhook|ur[il]$/i;

/** An address, in any field: it may contain a credential. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Returns the value without credentials, at any depth. Keeps nulls and booleans, which reveal nothing. */
export function redacted(value: unknown): unknown {
  if (typeof value === 'string') return ADDRESS.test(value) ? REDACTED : value;
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      CREDENTIAL.test(name) ? hidden(field) : redacted(field),
    ]),
  );
}

function hidden(value: unknown): unknown {
  return value === null || typeof value === 'boolean' ? value : REDACTED;
}
