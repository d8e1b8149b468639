import { Stack } from 'aws-cdk-lib';
import { CfnSecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type ProxyConfig, proxyPort } from '../../shared/deployment/proxy.ts';
import { allow } from '../permissions.ts';

/** Where the functions that talk to Atlas run. */
export interface Placement {
  subnetIds: readonly string[];
  securityGroupIds: readonly string[];
}

const HTTPS = 443;

/** What Lambda itself does with a function's role: it makes, finds and removes the interfaces in the subnets. */
const CHANGE_INTERFACES = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
const DESCRIBE_INTERFACES = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];

/**
 * Adds a security group from which only HTTPS and requests to the proxy leave, and into which nothing comes. Requests to the
 * VPC's own DNS server need no rule.
 */
export function outgoingOnly(
  scope: Construct,
  id: string,
  vpcId: string,
  proxy: ProxyConfig | undefined,
): CfnSecurityGroup {
  const ports = new Set([HTTPS, ...(proxy ? [proxyPort(proxy)] : [])]);
  return new CfnSecurityGroup(scope, id, {
    vpcId,
    groupDescription: 'The functions of Atlas Lake: only HTTPS to the outside.',
    securityGroupEgress: [...ports].map((port) => ({
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      cidrIp: '0.0.0.0/0',
      description: port === HTTPS ? 'Atlas and the services of AWS' : 'the proxy',
    })),
  });
}

/**
 * Lets Lambda manage the network interfaces with the function's role, as its documentation requires, and denies the same to
 * the function's code.
 */
export function allowInterfaces(role: IRole): void {
  const { partition, region } = Stack.of(role);
  // Subnets may belong to another account that shares them.
  allow(role, CHANGE_INTERFACES, [`arn:${partition}:ec2:${region}:*:*/*`]);
  // EC2 has no resources for these.
  allow(role, DESCRIBE_INTERFACES, ['*']);
  role.addToPrincipalPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: [...CHANGE_INTERFACES, ...DESCRIBE_INTERFACES],
      resources: ['*'],
      // Only requests of the code have this key, not those of Lambda.
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  );
}
