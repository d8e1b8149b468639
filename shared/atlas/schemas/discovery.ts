import * as z from 'zod';
import { isOrganisationId, isProjectId, type OrganisationId, type ProjectId, processId } from '../../ids.ts';
import type { Cluster, ClusterTag, Process, Project } from '../api.ts';
import { forgiving, type ItemResult, type ItemType, itemType } from '../items.ts';
import { name, optionalName } from './fields.ts';

const projectId = z.custom<ProjectId>(
  (value) => typeof value === 'string' && isProjectId(value),
  'expected 24 hexadecimal digits',
);

const processIdOf = name.regex(/^.+:\d{1,5}$/, 'expected host:port').transform(processId);

const organisationId = z.custom<OrganisationId>(
  (value) => typeof value === 'string' && isOrganisationId(value),
  'expected 24 hexadecimal digits',
);

const projectFields = z
  .object({ id: projectId, name: z.string().nullish(), orgId: organisationId.nullish() })
  .transform(({ id, name, orgId }): Project => ({ id, name: name ?? '', organisation: orgId ?? null }));

/** Atlas gives every project an organisation: one without it is reported, and its other data are collected. */
export const project: ItemType<Project> = {
  ...itemType(projectFields, 'id', projectId, ({ id }) => id),
  read: (raw) => reportMissing(forgiving(projectFields, raw), raw, 'orgId'),
};

const nodeSpecs = z.object({ instanceSize: optionalName }).nullish();

const regionConfig = z.object({ electableSpecs: nodeSpecs, readOnlySpecs: nodeSpecs }).nullish();

const replicationSpec = z.object({ regionConfigs: z.array(regionConfig).nullish() }).nullish();

const clusterId = z.string().regex(/^[a-f0-9]{24}$/, 'expected 24 hexadecimal digits');

const clusterFields = z
  .object({
    id: clusterId.nullish(),
    name,
    connectionStrings: z.object({ standard: z.string().nullish() }).nullish(),
    replicationSpecs: z.array(replicationSpec).nullish(),
    tags: z.array(z.unknown()).nullable().optional(),
  })
  .transform(
    (document): Cluster => ({
      id: document.id ?? null,
      name: document.name,
      hosts: hostsOf(document.connectionStrings?.standard ?? ''),
      instanceSize: sizesOf(document.replicationSpecs ?? [])[0] ?? null,
      tags: document.tags === undefined ? [] : tagsOf(document.tags),
    }),
  );

export const cluster: ItemType<Cluster> = itemType(clusterFields, 'name', name, (found) => found.name);

/** A tag without a value has an empty one. */
const tag = z
  .object({ key: z.string(), value: z.string().nullish() })
  .transform(({ key, value }): ClusterTag => ({ key, value: value ?? '' }));

/** Returns the tags; null if one of them cannot be read. */
function tagsOf(raws: readonly unknown[] | null): readonly ClusterTag[] | null {
  return z.array(tag).safeParse(raws).data ?? null;
}

/**
 * Returns the sizes of all nodes. The nodes of a tenant have one size; those of others may differ, and callers take the
 * first.
 */
function sizesOf(specs: readonly z.infer<typeof replicationSpec>[]): string[] {
  return specs
    .flatMap((spec) => spec?.regionConfigs ?? [])
    .flatMap((region) => [region?.electableSpecs, region?.readOnlySpecs])
    .flatMap((nodes) => nodes?.instanceSize ?? []);
}

/** Returns the hosts of a connection string. A cluster that is being created or paused has none. */
function hostsOf(connectionString: string): string[] {
  const authority = /^mongodb:\/\/(?:[^@/]*@)?([^/?]+)/.exec(connectionString)?.[1] ?? '';
  const hosts = authority.split(',').map((host) => host.replace(/:\d+$/, ''));
  return [...new Set(hosts)].filter((host) => host !== '');
}

/** Processes of type NO_DATA have no replica set. */
const processFields = z
  .object({
    id: processIdOf,
    hostname: name.nullish(),
    userAlias: optionalName,
    typeName: name,
    replicaSetName: optionalName,
  })
  .transform(
    ({ id, hostname, ...fields }): Process => ({
      id,
      hostname: hostname ?? id.slice(0, id.lastIndexOf(':')),
      ...fields,
    }),
  );

/** Takes a missing host name from the id, and reports it. */
export const process: ItemType<Process> = {
  ...itemType(processFields, 'id', processIdOf, ({ id }) => id),
  read: (raw) => reportMissing(forgiving(processFields, raw), raw, 'hostname'),
};

/** Adds a field that is not there to those that were read as null. */
function reportMissing<T>(result: ItemResult<T>, raw: unknown, field: string): ItemResult<T> {
  if ('fault' in result || (Object(raw)[field] ?? null) !== null) return result;
  return { ...result, nulls: [...result.nulls, { path: [field], expected: 'expected string' }] };
}

export const databaseName: ItemType<string> = itemType(
  z.object({ databaseName: name }).transform((document) => document.databaseName),
  'databaseName',
  name,
  (found) => found,
);

export const partitionName: ItemType<string> = itemType(
  z.object({ partitionName: name }).transform((document) => document.partitionName),
  'partitionName',
  name,
  (found) => found,
);
