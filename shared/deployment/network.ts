import * as z from 'zod';

/** Lambda's limits for the subnets and security groups of a function. */
const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;

/** Returns the schema of an id that EC2 gives: `subnet-0123456789abcdef0`. */
function ec2Id(kind: string) {
  return z
    .string()
    .regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `expected an id such as ${kind}-0123456789abcdef0`);
}

/** The fields of a network: an existing one, or the zone of the one that is created. */
export const networkSchema = z.strictObject({
  vpcId: ec2Id('vpc'),
  /** Private subnets, with a route to Atlas and to AWS's services. */
  subnetIds: z.array(ec2Id('subnet')).min(1).max(MAX_SUBNETS),
  /** If omitted, the stack creates a group from which only HTTPS leaves. */
  securityGroupIds: z.array(ec2Id('sg')).min(1).max(MAX_SECURITY_GROUPS).optional(),
  /** The zone of a managed network, if the first one lacks a service. */
  availabilityZone: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'expected the name of a zone, such as eu-west-1b'),
});

const existing = networkSchema.omit({ availabilityZone: true });
const managed = networkSchema.pick({ availabilityZone: true }).partial();

export type ManagedNetwork = { kind: 'managed' } & z.infer<typeof managed>;
export type ExistingNetwork = { kind: 'existing' } & z.infer<typeof existing>;

/** Chooses the form by its fields. A union's own message would not name the wrong one. */
export const network = z.unknown().transform((input, context): ManagedNetwork | ExistingNetwork => {
  if (input === 'managed') return { kind: 'managed' };
  const fields = z.record(z.string(), z.unknown()).safeParse(input);
  if (!fields.success) {
    context.addIssue({
      code: 'custom',
      message: "expected 'managed', or an object with vpcId and subnetIds",
    });
    return z.NEVER;
  }
  const parsed =
    'availabilityZone' in fields.data
      ? managed.transform((zone) => ({ kind: 'managed' as const, ...zone })).safeParse(input)
      : existing.transform((ids) => ({ kind: 'existing' as const, ...ids })).safeParse(input);
  if (parsed.success) return parsed.data;
  for (const { message, path } of parsed.error.issues)
    context.addIssue({ code: 'custom', message, path: [...path] });
  return z.NEVER;
});
