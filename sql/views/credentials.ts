import { inventory } from '../../functions/inventory/tables.ts';
import { columnsOf, dayColumn, type Engine, type View } from '../view.ts';
import { currentInventory } from './inventory.ts';

/** The resource types that have roles. */
const PRINCIPALS = "('project_user', 'project_service_account', 'organization_service_account')";

/** The view lists secrets that expire within this many days. */
const DAYS_LEFT = 30;

const principal = columnsOf(inventory, 'project_id', 'org_id', 'resource_type', 'resource_id', 'name');

export const usersByRole: View = {
  name: 'users_by_role',
  description: 'Who has which role now: one row for each role of each user and service account.',
  columns: [
    dayColumn,
    {
      name: 'role',
      type: 'string',
      description: "The role, by Atlas's name.",
      example: 'GROUP_OWNER',
    },
    ...principal,
  ],
  reads: 'that day and all later days',
  query: (engine) => `
SELECT dt, json_extract_scalar(role, '$') AS role, project_id, org_id, resource_type, resource_id, name
FROM (
${currentPrincipals(engine)}
)
CROSS JOIN UNNEST(${listIn('roles', engine)}) AS roles (role)`,
};

export const expiringSecrets: View = {
  name: 'expiring_secrets',
  description: `Secrets of service accounts that expire within ${DAYS_LEFT} days. Replace them before they expire.`,
  columns: [
    dayColumn,
    ...principal,
    {
      name: 'secret_id',
      type: 'string',
      description: 'The id of the secret.',
      example: '69a4b1f2c0eb9e7a17713b07',
    },
    { name: 'created_at', type: 'timestamp', nullable: true, description: 'When the secret was created.' },
    { name: 'expires_at', type: 'timestamp', description: 'When the secret expires.' },
    {
      name: 'days_left',
      type: 'double',
      unit: 'days',
      description: 'Time from the start of today until the secret expires.',
    },
  ],
  reads: 'that day and all later days',
  query: (engine) => {
    const today = `CAST(${engine.today} AS timestamp)`;
    return `
SELECT *, (to_unixtime(expires_at) - to_unixtime(${today})) / 86400e0 AS days_left
FROM (
  SELECT
    dt, project_id, org_id, resource_type, resource_id, name,
    json_extract_scalar(secret, '$.id') AS secret_id,
    ${instantOf("json_extract_scalar(secret, '$.createdAt')")} AS created_at,
    ${instantOf("json_extract_scalar(secret, '$.expiresAt')")} AS expires_at
  FROM (
${currentPrincipals(engine)}
  )
  CROSS JOIN UNNEST(${listIn('secrets', engine)}) AS secrets (secret)
)
WHERE expires_at >= ${today} AND expires_at < ${today} + INTERVAL '${DAYS_LEFT}' DAY`;
  },
};

/**
 * Returns SQL for the current resources that have roles. DuckDB moves a condition on `dt` to the files only if this
 * condition is below UNNEST.
 */
function currentPrincipals(engine: Engine): string {
  return `
SELECT *
FROM (
${currentInventory.query(engine)}
)
WHERE resource_type IN ${PRINCIPALS}`.slice(1);
}

/** Returns SQL for a list in the document. It yields no elements if the field is missing or is not a list. */
function listIn(field: string, { jsonArray }: Engine): string {
  return `TRY_CAST(json_extract(document, '$.${field}') AS ${jsonArray})`;
}

/** Returns SQL for a time of Atlas as a timestamp. Atlas's times end in Z, with or without fractional seconds. */
function instantOf(text: string): string {
  return `TRY_CAST(replace(substr(${text}, 1, 19), 'T', ' ') AS timestamp)`;
}
