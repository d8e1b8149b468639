declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** An Atlas project's id: 24 hexadecimal digits (`groupId` in the API). */
export type ProjectId = Branded<'ProjectId'>;

/** An Atlas organisation's id: 24 hexadecimal digits (`orgId` in the API). */
export type OrganisationId = Branded<'OrganisationId'>;

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

export function isOrganisationId(text: string): text is OrganisationId {
  return OBJECT_ID.test(text);
}

/**
 * An organisation's id in a project's place: a run that is about an organisation has it where others have a project's,
 * in its message, cursors, keys and reports. Both kinds of id are of one space, so the two never meet.
 */
export function inProjectsPlace(organisation: OrganisationId): ProjectId {
  return organisation as string as ProjectId;
}

/** The organisation that a run is about, from the id in the project's place. */
export function organisationOf(inPlace: ProjectId): OrganisationId {
  return inPlace as string as OrganisationId;
}

/** Takes what Atlas gave as a process's id for one; the client refuses those that cannot stand in a path. */
export function processId(text: string): ProcessId {
  return text as ProcessId;
}
