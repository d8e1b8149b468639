/** What DynamoDB can hold of what the collector stores. */
export type Document =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Document[]
  | { readonly [key: string]: Document };

/** One cursor item: the watermarks of the targets of one process, host or project, or a part of them. */
export interface CursorItem {
  /** Unique in the dataset and project. */
  id: string;
  content: Document;
}
