import * as z from 'zod';
import { isOrganisationId, isProjectId, type OrganisationId, type ProjectId, processId } from '../../ids.ts';
import type { Cluster, Process, Project } from '../api.ts';
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

export const project: z.ZodType<Project> = z
  .object({ id: projectId, name: z.string(), orgId: organisationId.nullish() })
  .transform(({ id, name, orgId }) => ({ id, name, organisation: orgId ?? null }));

const nodeSpecs = z.object({ instanceSize: optionalName }).nullish();

const regionConfig = z.object({ electableSpecs: nodeSpecs, readOnlySpecs: nodeSpecs });

export const cluster: z.ZodType<Cluster> = z
  .object({
    id: optionalName,
    name,
    connectionStrings: z.object({ standard: z.string().nullish() }).nullish(),
    replicationSpecs: z.array(z.object({ regionConfigs: z.array(regionConfig).nullish() })).nullish(),
  })
  .transform((document) => ({
    id: document.id,
    name: document.name,
    hosts: hostsOf(document.connectionStrings?.standard ?? ''),
    instanceSize: sizesOf(document.replicationSpecs ?? [])[0] ?? null,
  }));

/** The nodes of a tenant all have its one size; those of others may differ, and the first is as good as any. */
function sizesOf(
  specs: readonly { regionConfigs?: readonly z.infer<typeof regionConfig>[] | null | undefined }[],
): string[] {
  return specs
    .flatMap(({ regionConfigs }) => regionConfigs ?? [])
    .flatMap(({ electableSpecs, readOnlySpecs }) => [electableSpecs, readOnlySpecs])
    .flatMap((nodes) => nodes?.instanceSize ?? []);
}

/** A cluster that is being made, or is paused, has no connection string, and so no hosts. */
function hostsOf(connectionString: string): string[] {
  const authority = /^mongodb:\/\/(?:[^@/]*@)?([^/?]+)/.exec(connectionString)?.[1] ?? '';
  const hosts = authority.split(',').map((host) => host.replace(/:\d+$/, ''));
  return [...new Set(hosts)].filter((host) => host !== '');
}

/** Entries of type NO_DATA have no replica set. */
export const process: z.ZodType<Process> = z.object({
  id: processIdOf,
  hostname: name,
  userAlias: optionalName,
  typeName: name,
  replicaSetName: optionalName,
});

export const databaseName: z.ZodType<string> = z
  .object({ databaseName: name })
  .transform((document) => document.databaseName);

export const partitionName: z.ZodType<string> = z
  .object({ partitionName: name })
  .transform((document) => document.partitionName);
