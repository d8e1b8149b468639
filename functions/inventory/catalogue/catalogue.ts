import { accessTypes } from './access.ts';
import { clusterTypes } from './clusters.ts';
import { networkTypes } from './network.ts';
import { organisationTypes } from './organisation.ts';
import type { ResourceType } from './resource-type.ts';
import { serverlessAndFlexTypes } from './serverless-and-flex.ts';
import { streamAndJobTypes } from './streams-and-jobs.ts';

/**
 * Every type of resource whose changes the lake records. Paths, versions and roles are those of the Admin API's
 * reference; where that has only the call for one resource, the list is under the same path without the last element.
 */
export const CATALOGUE: readonly ResourceType[] = [
  ...accessTypes,
  ...clusterTypes,
  ...networkTypes,
  ...serverlessAndFlexTypes,
  ...streamAndJobTypes,
  ...organisationTypes,
];
