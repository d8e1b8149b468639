import { hash } from 'node:crypto';
import type { AtlasEvent } from '../../shared/atlas/api.ts';
import type { Identity } from '../../shared/histories/merge.ts';

/**
 * How to tell events apart: by Atlas's id, of which the lookback keeps a hash. What cannot be read may not even have an
 * id, so the place where it must lie identifies it. Two of them in one place are one gap.
 */
export const EVENT_IDENTITY: Identity<AtlasEvent> = {
  timeOf: ({ created }) => created,
  idOf: ({ id }) => hash('sha256', id, 'hex'),
  unreadableIdOf: (_entry, { from, to }) => hash('sha256', JSON.stringify(['unreadable', from, to]), 'hex'),
  // Not merged, so that each place is one gap, whichever others a response has.
  gapsOf: (spans) => [...spans],
  unreadableReason: 'events that cannot be read',
};
