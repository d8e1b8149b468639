import { CATALOGUE } from '../catalogue/catalogue.ts';
import type { ResourceType } from '../catalogue/resource-type.ts';
import { ENDPOINTS } from './endpoints.ts';

const NONE = '–';

/**
 * Returns the text of `docs/coverage.md`: which dataset or resource type covers each endpoint of the reference, and the
 * role it needs.
 */
export function coverageDocument(): string {
  return `# Coverage of the Admin API

The role of the collector's credential decides what reaches the lake. If the role cannot read a type of resource, if
Atlas no longer serves it or if a project does not have it, the run notes this once a day in \`collection_runs.notes\` and
reads everything else. The collector never calls an endpoint that changes something: the effect of such a call shows in
the resources that it changes.

\`npm run generate\` writes this page from the catalogue of resource types and the reference's list of endpoints.

## Endpoints of the reference

Paths are below \`/api/atlas/v2\`.

${table(['endpoint', 'dataset', 'resource type', 'least role'], ENDPOINTS.map(endpointCells))}

## Resource types

${table(
  [
    'resource type',
    'read from',
    'every',
    'version',
    'least role',
    'never in the lake',
    'does not cause a row',
  ],
  CATALOGUE.map(typeCells),
)}
`;
}

function endpointCells({ endpoint, collectedBy }: (typeof ENDPOINTS)[number]): string[] {
  if (collectedBy) return [code(endpoint), codes(collectedBy.dataset.split(', ')), NONE, collectedBy.role];
  const types = CATALOGUE.filter(({ covers }) => covers.includes(endpoint));
  const roles = new Set(types.map(({ role }) => role));
  // An endpoint that nothing covers has empty cells. The test of this page finds them.
  return [code(endpoint), types.length > 0 ? code('inventory') : '', names(types), [...roles].join(', ')];
}

function typeCells({
  name,
  path,
  query = {},
  version,
  read,
  role,
  keep,
  omit = [],
  volatile = [],
}: ResourceType): string[] {
  const parameters = Object.entries(query).map(([key, value]) => `${key}=${value}`);
  const readFrom = [path, ...(parameters.length > 0 ? [parameters.join('&')] : [])].join('?');
  const withheld = keep ? `everything but ${codes(keep)}` : codes(omit);
  return [
    code(name),
    code(readFrom),
    read === 'daily' ? 'day' : 'tick',
    version,
    role,
    withheld,
    codes(volatile),
  ];
}

function names(types: readonly ResourceType[]): string {
  return types.map(({ name }) => code(name)).join(', ');
}

function codes(fields: readonly string[]): string {
  return fields.length === 0 ? NONE : fields.map(code).join(', ');
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
