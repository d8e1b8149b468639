declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** An Atlas project's id: 24 hexadecimal digits (`groupId` in the API). */
export type ProjectId = Branded<'ProjectId'>;

/** `host:port` of one mongod or mongos, as `GET /groups/{groupId}/processes` gives it. */
export type ProcessId = Branded<'ProcessId'>;

/** An alert's id: 24 hexadecimal digits. One that opens again is another alert. */
export type AlertId = Branded<'AlertId'>;

/** The id of what raises alerts: 24 hexadecimal digits. */
export type AlertConfigurationId = Branded<'AlertConfigurationId'>;

const OBJECT_ID = /^[a-f0-9]{24}$/;

export function isProjectId(text: string): text is ProjectId {
  return OBJECT_ID.test(text);
}

export function isAlertId(text: string): text is AlertId {
  return OBJECT_ID.test(text);
}

export function isAlertConfigurationId(text: string): text is AlertConfigurationId {
  return OBJECT_ID.test(text);
}

/** Takes what Atlas gave as a process's id for one; the client refuses those that cannot stand in a path. */
export function processId(text: string): ProcessId {
  return text as ProcessId;
}
