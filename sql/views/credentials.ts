import { inventory } from '../../functions/inventory/tables.ts';
import { columnsOf, dayColumn, type Engine, type View } from '../view.ts';
import { currentInventory } from './inventory.ts';
import { instantOf, listIn } from './json.ts';

/** The types whose documents have a list of roles by name. */
const NAMED = [
  'project_user',
  'organization_user',
  'project_service_account',
  'organization_service_account',
];

/** The types whose documents have a list of roles that say where they apply. */
const PLACED = ['project_api_key', 'organization_api_key', 'database_user'];

const SERVICE_ACCOUNTS = ['project_service_account', 'organization_service_account'];

/** The view lists secrets that expire within this many days. */
const DAYS_LEFT = 30;

const principal = columnsOf(inventory, 'project_id', 'org_id', 'resource_type', 'resource_id', 'name');

export const usersByRole: View = {
  name: 'users_by_role',
  description:
    'Who has which role now: one row for each role of each user, service account, API key and database user. The roles of an organisation are in rows without a project. Names are missing or hashed if the configuration withholds them.',
  columns: [
    dayColumn,
    {
      name: 'role',
      type: 'string',
      description: "The role, by Atlas's name.",
      example: 'GROUP_OWNER',
    },
    ...principal,
    {
      name: 'database_name',
      type: 'string',
      nullable: true,
      description: 'The database that a role of a database user is for.',
    },
    {
      name: 'collection_name',
      type: 'string',
      nullable: true,
      description: 'The collection that a role of a database user is for; null for all.',
    },
  ],
  reads: 'that day and all later days',
  query: (engine) => `
SELECT
  dt, project_id, org_id, resource_type, resource_id, name,
  CASE WHEN ${isOf(PLACED)} THEN ${inRole('roleName')} ELSE json_extract_scalar(role, '$') END AS role,
  CASE WHEN ${isOf(PLACED)} THEN ${inRole('databaseName')} END AS database_name,
  CASE WHEN ${isOf(PLACED)} THEN ${inRole('collectionName')} END AS collection_name
FROM (
${currentPrincipals(engine, [...NAMED, ...PLACED])}
)
CROSS JOIN UNNEST(
  coalesce(${listIn('document', 'roles', engine)}, ${listIn('document', 'roles.orgRoles', engine)})
) AS roles (role)
WHERE
  (resource_type <> 'project_api_key' OR ${inRole('groupId')} = project_id)
  AND (resource_type <> 'organization_api_key' OR ${inRole('orgId')} = org_id)`,
};

function isOf(types: readonly string[]): string {
  return `resource_type IN (${types.map((type) => `'${type}'`).join(', ')})`;
}

function inRole(field: string): string {
  return `json_extract_scalar(role, '$.${field}')`;
}

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
${currentPrincipals(engine, SERVICE_ACCOUNTS)}
  )
  CROSS JOIN UNNEST(${listIn('document', 'secrets', engine)}) AS secrets (secret)
)
WHERE expires_at >= ${today} AND expires_at < ${today} + INTERVAL '${DAYS_LEFT}' DAY`;
  },
};

/**
 * Returns SQL for the current resources of some types. DuckDB moves a condition on `dt` to the files only if this
 * condition is below UNNEST.
 */
function currentPrincipals(engine: Engine, types: readonly string[]): string {
  return `
SELECT *
FROM (
${currentInventory.query(engine)}
)
WHERE ${isOf(types)}`.slice(1);
}
