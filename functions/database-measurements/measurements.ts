import type { Measurement } from '../../shared/lake/table.ts';

/** What Atlas measures of a database, by the names of its API; meanings are those of the dbStats command. */
export const measurements: readonly Measurement[] = [
  {
    name: 'DATABASE_AVERAGE_OBJECT_SIZE',
    unit: 'BYTES',
    description: 'Mean uncompressed size of a document.',
  },
  { name: 'DATABASE_COLLECTION_COUNT', unit: 'SCALAR', description: 'Number of collections.' },
  {
    name: 'DATABASE_DATA_SIZE',
    unit: 'BYTES',
    description: 'Uncompressed size of all documents, including padding.',
  },
  {
    name: 'DATABASE_STORAGE_SIZE',
    unit: 'BYTES',
    description:
      'Disk space of the collections: compressed, including space that deleted documents left free.',
  },
  { name: 'DATABASE_INDEX_SIZE', unit: 'BYTES', description: 'Disk space of all indexes.' },
  { name: 'DATABASE_INDEX_COUNT', unit: 'SCALAR', description: 'Number of indexes.' },
  {
    name: 'DATABASE_EXTENT_COUNT',
    unit: 'SCALAR',
    description: 'Number of extents. Only old storage engines have extents.',
  },
  { name: 'DATABASE_OBJECT_COUNT', unit: 'SCALAR', description: 'Number of documents.' },
  { name: 'DATABASE_VIEW_COUNT', unit: 'SCALAR', description: 'Number of views.' },
];
