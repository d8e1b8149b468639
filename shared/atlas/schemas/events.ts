import * as z from 'zod';
import type { AtlasEvent } from '../api.ts';
import { asNumber } from '../exact-json.ts';
import type { ItemType } from '../items.ts';
import { withDocument } from './documents.ts';
import { instant, name, optionalText } from './fields.ts';

const optionalPort = z.preprocess(
  asNumber,
  z
    .int()
    .nullish()
    .transform((port) => port ?? null),
);

/** Requires only identity and time. The other fields differ between kinds, and Atlas adds kinds. */
const eventFields = z.object({
  id: name,
  created: instant,
  eventTypeName: optionalText,
  groupId: optionalText,
  orgId: optionalText,
  clusterName: optionalText,
  hostname: optionalText,
  port: optionalPort,
  username: optionalText,
  userId: optionalText,
  publicKey: optionalText,
  apiKeyId: optionalText,
  serviceAccountId: optionalText,
  clientId: optionalText,
  remoteAddress: optionalText,
  isGlobalAdmin: z.boolean().nullish(),
  alertId: optionalText,
  alertConfigId: optionalText,
  targetUsername: optionalText,
  targetPublicKey: optionalText,
  dbUserUsername: optionalText,
  teamId: optionalText,
  resourceId: optionalText,
  resourceType: optionalText,
});

/** An event of a project or organisation. */
export const event: ItemType<AtlasEvent> = withDocument(
  eventFields,
  name,
  ({ groupId, orgId, isGlobalAdmin, serviceAccountId, clientId, ...fields }, document) => ({
    ...fields,
    project: groupId,
    organisation: orgId,
    isGlobalAdmin: isGlobalAdmin ?? null,
    serviceAccountId: serviceAccountId ?? clientId,
    document,
  }),
);
