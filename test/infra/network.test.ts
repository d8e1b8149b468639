import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { datasets } from '../../functions/datasets.ts';
import { dispatchOf, partsOf } from './collector-parts.ts';
import { ALL_ENABLED, type ParsedTemplate, type Resource, resolve, synthesize } from './templates.ts';

const VPC = 'vpc-0123456789abcdef0';
const SUBNETS = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'];
const GROUPS = ['sg-0123456789abcdef0'];

const MANAGED = synthesize({ ...ALL_ENABLED, network: 'managed' });
const EXISTING = synthesize({
  ...ALL_ENABLED,
  network: { vpcId: VPC, subnetIds: SUBNETS, securityGroupIds: GROUPS },
});

/** Returns the functions that send requests to Atlas. */
function callersOfAtlas(collector: ParsedTemplate): Resource[] {
  return [dispatchOf(collector), ...datasets.map(({ name }) => partsOf(collector, name).function)];
}

const vpcConfig = z.object({ SubnetIds: z.array(z.unknown()), SecurityGroupIds: z.array(z.unknown()) });

/** Returns where a function runs, with test names. */
function placementOf({ Properties }: Resource): { subnets: string[]; groups: string[] } {
  const { SubnetIds, SecurityGroupIds } = vpcConfig.parse(Properties['VpcConfig']);
  return { subnets: SubnetIds.map(resolve), groups: SecurityGroupIds.map(resolve) };
}

const ONLY_HTTPS_LEAVES = {
  SecurityGroupEgress: [expect.objectContaining({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })],
};

test('without a network, functions are in no VPC and may not change network interfaces', () => {
  const { collector, network } = synthesize(ALL_ENABLED);
  expect(network).toBeUndefined();
  for (const resource of callersOfAtlas(collector))
    expect(resource.Properties).not.toHaveProperty('VpcConfig');
  expect(JSON.stringify(collector.resources)).not.toContain('ec2:');
});

describe('an existing network', () => {
  const { collector, network, analysis } = EXISTING;

  test('has every function that talks to Atlas, and no other', () => {
    for (const resource of callersOfAtlas(collector)) {
      expect(placementOf(resource)).toEqual({ subnets: SUBNETS, groups: GROUPS });
    }
    for (const { Properties } of analysis.ofType('AWS::Lambda::Function'))
      expect(Properties).not.toHaveProperty('VpcConfig');
  });

  test('gets no resources', () => {
    expect(network).toBeUndefined();
    expect(collector.resources.filter(({ Type }) => Type.startsWith('AWS::EC2::'))).toEqual([]);
  });

  test('gets a security group from which only HTTPS leaves, if none is named', () => {
    const { collector } = synthesize({ network: { vpcId: VPC, subnetIds: SUBNETS } });
    const [group, ...others] = collector.ofType('AWS::EC2::SecurityGroup');
    expect(others).toEqual([]);
    expect(group?.Properties).toMatchObject({ VpcId: VPC, ...ONLY_HTTPS_LEAVES });
    expect(group?.Properties).not.toHaveProperty('SecurityGroupIngress');
    expect(vpcConfig.parse(dispatchOf(collector).Properties['VpcConfig']).SecurityGroupIds).toEqual([
      { 'Fn::GetAtt': [group?.id, 'GroupId'] },
    ]);
  });
});

describe('a managed network', () => {
  const { collector } = MANAGED;
  const network = MANAGED.network ?? new Error('there is no network');
  if (network instanceof Error) throw network;

  const only = (type: string): Resource => {
    const [resource, ...others] = network.ofType(type);
    if (!resource || others.length > 0) throw new Error(`there must be one ${type}`);
    return resource;
  };

  test('sends everything through one NAT gateway, whose address the stack prints', () => {
    const address = only('AWS::EC2::EIP');
    const nat = only('AWS::EC2::NatGateway');
    expect(nat.Properties['AllocationId']).toEqual({ 'Fn::GetAtt': [address.id, 'AllocationId'] });
    expect(network.outputs['EgressAddress']?.['Value']).toEqual({ 'Fn::GetAtt': [address.id, 'PublicIp'] });
    const routes = network.ofType('AWS::EC2::Route').map(({ Properties }) => Properties);
    expect(routes).toHaveLength(2);
    expect(routes).toContainEqual(
      expect.objectContaining({ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: { Ref: nat.id } }),
    );
  });

  test('has no other way out: functions are in the private subnet, and no subnet gives public addresses', () => {
    const [route] = network
      .ofType('AWS::EC2::Route')
      .filter(({ Properties }) => 'NatGatewayId' in Properties);
    const [association] = network
      .ofType('AWS::EC2::SubnetRouteTableAssociation')
      .filter(
        ({ Properties }) =>
          JSON.stringify(Properties['RouteTableId']) === JSON.stringify(route?.Properties['RouteTableId']),
      );
    const { Ref } = z.object({ Ref: z.string() }).parse(association?.Properties['SubnetId']);
    for (const resource of callersOfAtlas(collector)) {
      expect(placementOf(resource).subnets).toEqual([expect.stringContaining(Ref)]);
    }
    for (const { Properties } of network.ofType('AWS::EC2::Subnet'))
      expect(Properties['MapPublicIpOnLaunch']).toBe(false);
  });

  test('lets only HTTPS out and nothing in', () => {
    const group = only('AWS::EC2::SecurityGroup');
    expect(group.Properties).toMatchObject(ONLY_HTTPS_LEAVES);
    expect(group.Properties).not.toHaveProperty('SecurityGroupIngress');
    for (const resource of callersOfAtlas(collector)) {
      expect(placementOf(resource).groups).toEqual([expect.stringContaining(group.id)]);
    }
  });

  test('reaches S3 and DynamoDB without the NAT gateway', () => {
    const endpoints = network.ofType('AWS::EC2::VPCEndpoint').map(({ Properties }) => Properties);
    expect(endpoints.map(({ ServiceName }) => resolve(ServiceName))).toEqual([
      'com.amazonaws.AWS::Region.s3',
      'com.amazonaws.AWS::Region.dynamodb',
    ]);
    for (const endpoint of endpoints) {
      expect(endpoint).toMatchObject({ VpcEndpointType: 'Gateway', RouteTableIds: [expect.anything()] });
    }
  });

  test('outlives the collector, so that its address stays the same', () => {
    expect(collector.resources.filter(({ Type }) => Type.startsWith('AWS::EC2::'))).toEqual([]);
  });

  test('is in the zone that the configuration names', () => {
    const { network: placed } = synthesize({ network: { availabilityZone: 'eu-west-1b' } });
    const zones = placed?.ofType('AWS::EC2::Subnet').map(({ Properties }) => Properties['AvailabilityZone']);
    expect(zones).toEqual(['eu-west-1b', 'eu-west-1b']);
  });
});

const statementSchema = z.object({
  Effect: z.string(),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.unknown(),
  Condition: z.unknown().optional(),
});

test.each([
  ['a managed', MANAGED],
  ['an existing', EXISTING],
])(
  'in %s network, Lambda may manage interfaces and the code of the functions may not',
  (_, { collector }) => {
    const policies = collector
      .ofType('AWS::IAM::Policy')
      .map(({ id, Properties }) => ({ id, text: JSON.stringify(Properties) }))
      .filter(({ text }) => text.includes('ec2:'));
    expect(policies.map(({ id }) => id.replace(/CollectorRole.*/, '')).sort()).toEqual(
      [
        'Dispatch',
        ...datasets.map(({ name }) =>
          name.replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
        ),
      ].sort(),
    );
    for (const { text } of policies) {
      const { PolicyDocument } = z
        .object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) })
        .parse(JSON.parse(text));
      const interfaces = PolicyDocument.Statement.filter(({ Action }) =>
        [Action].flat().some((action) => action.startsWith('ec2:')),
      );
      const allowed = interfaces.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
      // The actions of AWSLambdaVPCAccessExecutionRole.
      expect(allowed.sort()).toEqual([
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:UnassignPrivateIpAddresses',
      ]);
      const [denied, ...others] = interfaces.filter(({ Effect }) => Effect === 'Deny');
      expect(others).toEqual([]);
      expect([denied?.Action].flat().sort()).toEqual(allowed);
      expect(denied).toMatchObject({
        Resource: '*',
        Condition: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      });
    }
  },
);
