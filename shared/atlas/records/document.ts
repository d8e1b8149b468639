/** A JSON object as Atlas sent it, with its keys in Atlas's order. Omits `links`, which only repeat ids. */
export type AtlasDocument = Readonly<Record<string, unknown>>;
