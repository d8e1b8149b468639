import type { Target } from '../../shared/engine/cursor.ts';
import type { Subject } from '../../shared/ids.ts';
import type { RowOf } from '../../shared/lake/table.ts';
import type { ResourceType } from './catalogue/resource-type.ts';
import type { Change } from './changes.ts';
import { placeholderOf } from './content.ts';
import { placeholdersOf } from './listings.ts';
import { redactText } from './secrets.ts';
import type { InventoryState } from './state.ts';
import type { inventory } from './tables.ts';

export function inventoryRow(
  { type, subject }: { type: ResourceType; subject: Subject },
  target: Target<InventoryState>,
  change: Change,
  { collectedAt, revision }: { collectedAt: number; revision: number },
): RowOf<typeof inventory> {
  const own = placeholderOf(type);
  const parents = [...placeholdersOf(type, target.name)].filter(([name]) => name !== own);
  return {
    project_id: type.scope === 'project' ? subject.id : null,
    org_id: target.cursor.attributes['org_id'] ?? null,
    resource_type: type.name,
    parent: parents.length === 0 ? null : redactText(parents.map(([, value]) => value).join('/')),
    resource_id: change.id,
    name: change.name,
    change: change.change,
    changed_fields: change.changedFields && JSON.stringify(change.changedFields),
    content_hash: change.hash,
    document: change.document,
    ts: collectedAt,
    collected_at: collectedAt,
    revision,
  };
}
