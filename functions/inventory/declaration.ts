import * as z from 'zod';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { isProjectId } from '../../shared/ids.ts';
import { inventory } from './tables.ts';

const idsByProject = z.record(
  z.string().refine(isProjectId, 'expected a project id of 24 hexadecimal digits'),
  z.array(z.string().regex(/^[a-f0-9]{24}$/, 'expected an id of 24 hexadecimal digits')),
);

const settings = z.strictObject({
  /** Ids of resources that no endpoint lists, by resource type and project. */
  resources: z
    .strictObject({ migration_validation: idsByProject, sample_dataset_load: idsByProject })
    .partial()
    .default({}),
});

export type InventorySettings = z.infer<typeof settings>;

/**
 * The resources of projects and organisations, and each change to them. They are read as they are now, without windows.
 */
export const inventoryDeclaration: DatasetDeclaration<InventorySettings> = {
  name: 'inventory',
  description: inventory.description,
  tables: [inventory],
  notRepeatable: 'Atlas shows resources as they are now, and not how they were',
  everyMinutes: 60,
  offsetMinutes: 33,
  subjects: ['project', 'organisation'],
  settings,
  defaults: settings.parse({}),
};
