import { accessTypes } from './access.ts';
import { backupTypes } from './backups.ts';
import { clusterTypes } from './clusters.ts';
import { networkTypes } from './network.ts';
import { organisationTypes } from './organisation.ts';
import type { ResourceType } from './resource-type.ts';
import { securityTypes } from './security.ts';
import { serverlessAndFlexTypes } from './serverless-and-flex.ts';
import { streamAndJobTypes } from './streams-and-jobs.ts';

/**
 * Every type of resource whose changes the lake records. Paths, versions and roles come from the reference of the Admin
 * API. Where the reference has only the call for one resource, the list has the same path without the last element.
 */
export const CATALOGUE: readonly ResourceType[] = [
  ...accessTypes,
  ...securityTypes,
  ...clusterTypes,
  ...backupTypes,
  ...networkTypes,
  ...serverlessAndFlexTypes,
  ...streamAndJobTypes,
  ...organisationTypes,
];
