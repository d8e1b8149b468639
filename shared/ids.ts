declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** An Atlas project's id: 24 hexadecimal digits (`groupId` in the API). */
export type ProjectId = Branded<'ProjectId'>;

/** An Atlas organisation's id: 24 hexadecimal digits (`orgId` in the API). */
export type OrganisationId = Branded<'OrganisationId'>;

/** `host:port` of one mongod or mongos, as `GET /groups/{groupId}/processes` returns it. */
export type ProcessId = Branded<'ProcessId'>;

/** An alert's id: 24 hexadecimal digits. An alert that opens again gets a new id. */
export type AlertId = Branded<'AlertId'>;

/** The id of an alert configuration: 24 hexadecimal digits. */
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

/** The subject of a run: a project, or an organisation for data that belongs to none of its projects. */
export type Subject =
  | { readonly kind: 'project'; readonly id: ProjectId }
  | { readonly kind: 'organisation'; readonly id: OrganisationId };

export type SubjectKind = Subject['kind'];

/**
 * The id of a subject where the kind does not matter. Both kinds of ids come from one space, so they never
 * collide.
 */
export type SubjectId = Subject['id'];

/** Returns the subject of a kind with an id; undefined if the text is not an Atlas id. */
export function subjectOf(kind: SubjectKind, id: string): Subject | undefined {
  if (kind === 'project') return isProjectId(id) ? { kind, id } : undefined;
  return isOrganisationId(id) ? { kind, id } : undefined;
}

/** Returns the project of a run. @throws {Error} for an organisation, which is a bug of the caller */
export function projectOf({ kind, id }: Subject): ProjectId {
  if (kind === 'project') return id;
  throw new Error('a dataset of projects was run for an organisation');
}

/** Returns the organisation of a run. @throws {Error} for a project, which is a bug of the caller */
export function organisationOf({ kind, id }: Subject): OrganisationId {
  if (kind === 'organisation') return id;
  throw new Error('a dataset of organisations was run for a project');
}

/** Returns a process id as Atlas returned it. The client rejects ids that cannot be part of a path. */
export function processId(text: string): ProcessId {
  return text as ProcessId;
}
