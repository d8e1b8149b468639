import { hash } from 'node:crypto';
import type { AtlasEvent } from '../../shared/atlas/api.ts';
import type { Identity } from '../../shared/histories/merge.ts';

/**
 * How to tell events apart: by Atlas's id, of which the overlap keeps a hash. What cannot be read may not even have an
 * id, so its place in the list counts too.
 */
export const EVENT_IDENTITY: Identity<AtlasEvent> = {
  timeOf: ({ created }) => created,
  idOf: ({ id }) => hash('sha256', id, 'hex'),
  unreadableIdOf: ({ text, neighbours }) =>
    hash('sha256', JSON.stringify(['unreadable', text, neighbours]), 'hex'),
  unreadableReason: 'events that cannot be read',
};
