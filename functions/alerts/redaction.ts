import { isExactNumber } from '../../shared/atlas/exact-json.ts';

/** Stands where a credential was. */
export const REDACTED = '[redacted]';

/**
 * Fields that hold credentials, by what their names have in common, so that kinds of notifications that are not known
 * today are caught as well. Atlas has `apiToken`, `notificationToken`, `flowdockApiToken`, `datadogApiKey`,
 * `opsGenieApiKey`, `victorOpsApiKey`, `victorOpsRoutingKey`, `serviceKey`, `webhookSecret`, `webhookUrl` and
 * `microsoftTeamsWebhookUrl`: the addresses let whoever knows them post. It shortens most of them in its answers, "partially
 * redacted", and what is left is nobody's business either.
 */
const CREDENTIAL = /token|key|secret|passw|passphrase|credential|auth|signature|webhook|ur[il]$/i;

/** An address, under whatever name: it may carry a credential. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

/** The value without credentials, at any depth. What is null or a boolean stays: it gives nothing away. */
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
