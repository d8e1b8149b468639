import type { Measurement } from '../../shared/lake/table.ts';

/** What Atlas measures of a database, by the names of its API; meanings are those of the dbStats command. */
export const measurements: readonly Measurement[] = [
  {
    name: 'DATABASE_AVERAGE_OBJECT_SIZE',
    unit: 'BYTES',
    description: 'Mean size of a document, uncompressed.',
  },
  { name: 'DATABASE_COLLECTION_COUNT', unit: 'SCALAR', description: 'Number of collections.' },
  {
    name: 'DATABASE_DATA_SIZE',
    unit: 'BYTES',
    description: 'Size of all documents, uncompressed, padding included.',
  },
  {
    name: 'DATABASE_STORAGE_SIZE',
    unit: 'BYTES',
    description:
      'Space that the collections take on disk: compressed, with what deleted documents left free.',
  },
  { name: 'DATABASE_INDEX_SIZE', unit: 'BYTES', description: 'Space that all indexes take on disk.' },
  { name: 'DATABASE_INDEX_COUNT', unit: 'SCALAR', description: 'Number of indexes.' },
  {
    name: 'DATABASE_EXTENT_COUNT',
    unit: 'SCALAR',
    description: 'Number of extents, which only storage engines of the past had.',
  },
  { name: 'DATABASE_OBJECT_COUNT', unit: 'SCALAR', description: 'Number of documents.' },
  { name: 'DATABASE_VIEW_COUNT', unit: 'SCALAR', description: 'Number of views.' },
];
