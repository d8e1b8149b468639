import { hash } from 'node:crypto';
import type { AtlasEvent } from '../../shared/atlas/api.ts';
import type { Identity } from '../../shared/histories/merge.ts';

/** How to tell events apart: by Atlas's id, of which the overlap keeps a hash. */
export const EVENT_IDENTITY: Identity<AtlasEvent> = {
  timeOf: ({ created }) => created,
  idOf: ({ id }) => hash('sha256', id, 'hex'),
  unreadableIdOf: ({ text }) => hash('sha256', `unreadable ${text}`, 'hex'),
  unreadableReason: 'events that cannot be read',
};
