import { hash } from 'node:crypto';
import type { AtlasEvent } from '../../shared/atlas/api.ts';
import type { Identity } from '../../shared/histories/merge.ts';

/**
 * How to tell events apart: by Atlas's id, of which the lookback keeps a hash. An unreadable event without an id is
 * identified by the place where it must lie. Two of them in one place are one gap.
 */
export const EVENT_IDENTITY: Identity<AtlasEvent> = {
  timeOf: ({ created }) => created,
  idOf: ({ id }) => hash('sha256', id, 'hex'),
  // Not the hash of a readable event, which would seem to be in the lake when it can be read again.
  unreadableIdOf: ({ identity }, { from, to }) =>
    hash('sha256', JSON.stringify(identity === null ? [from, to] : ['unreadable', identity]), 'hex'),
  // Not merged, so that each place is one gap, whichever others a response has.
  gapsOf: (spans) => [...spans],
  unreadableReason: 'events that cannot be read',
};
