/** A value that the collector stores in DynamoDB. */
export type Document =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Document[]
  | { readonly [key: string]: Document };

/** One cursor item: the state of the targets of one process, host or subject, or a part of it. */
export interface CursorItem {
  /** Unique within the dataset and subject. */
  id: string;
  content: Document;
}
