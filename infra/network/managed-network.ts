import { Fn, Stack } from 'aws-cdk-lib';
import {
  CfnEIP,
  CfnInternetGateway,
  CfnNatGateway,
  CfnRoute,
  CfnRouteTable,
  CfnSubnet,
  CfnSubnetRouteTableAssociation,
  CfnVPC,
  CfnVPCEndpoint,
  CfnVPCGatewayAttachment,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ProxyConfig } from '../../shared/deployment/proxy.ts';
import { outgoingOnly, type Placement } from './placement.ts';

export interface ManagedNetworkProps {
  /** If undefined, the first zone of the region. */
  availabilityZone: string | undefined;
  proxy: ProxyConfig | undefined;
}

/** Nothing is connected to the VPC, so its addresses matter to nobody else. */
const VPC_CIDR = '10.71.0.0/24';
const PUBLIC_CIDR = '10.71.0.0/28';
/** Functions share interfaces: one for each subnet and security group, and more only with very many connections. */
const PRIVATE_CIDR = '10.71.0.64/26';

const EVERYWHERE = '0.0.0.0/0';

/**
 * The smallest VPC whose functions reach Atlas from one fixed address: in one zone, a public subnet with a NAT gateway, and a
 * private one. It is written resource by resource: CDK's `Vpc` adds a function of its own to empty the default security group.
 */
export class ManagedNetwork extends Construct {
  readonly placement: Placement;
  /** The public address of all requests to Atlas. */
  readonly address: string;

  readonly vpc: CfnVPC;
  readonly subnets: CfnSubnet[];
  readonly #zone: string;

  constructor(scope: Construct, id: string, { availabilityZone, proxy }: ManagedNetworkProps) {
    super(scope, id);
    this.#zone = availabilityZone ?? Fn.select(0, Fn.getAzs());
    this.vpc = new CfnVPC(this, 'Vpc', {
      cidrBlock: VPC_CIDR,
      enableDnsSupport: true,
      enableDnsHostnames: true,
    });
    const { vpc } = this;
    const gateway = new CfnInternetGateway(this, 'InternetGateway');
    const attachment = new CfnVPCGatewayAttachment(this, 'Attachment', {
      vpcId: vpc.ref,
      internetGatewayId: gateway.ref,
    });
    const outside = this.#subnet('Public', vpc, PUBLIC_CIDR);
    const inside = this.#subnet('Private', vpc, PRIVATE_CIDR);
    this.subnets = [outside.subnet, inside.subnet];
    const toGateway = new CfnRoute(this, 'PublicRoute', {
      routeTableId: outside.table.ref,
      destinationCidrBlock: EVERYWHERE,
      gatewayId: gateway.ref,
    });
    toGateway.addResourceDependency(attachment);
    const eip = new CfnEIP(this, 'Address', { domain: 'vpc' });
    eip.addResourceDependency(attachment);
    const nat = new CfnNatGateway(this, 'Nat', {
      subnetId: outside.subnet.ref,
      allocationId: eip.attrAllocationId,
    });
    nat.addResourceDependency(toGateway);
    new CfnRoute(this, 'PrivateRoute', {
      routeTableId: inside.table.ref,
      destinationCidrBlock: EVERYWHERE,
      natGatewayId: nat.ref,
    });
    for (const service of ['s3', 'dynamodb']) this.#endpoint(service, vpc, inside.table);
    const group = outgoingOnly(this, 'Functions', vpc.ref, proxy);
    this.placement = { subnetIds: [inside.subnet.ref], securityGroupIds: [group.attrGroupId] };
    this.address = eip.attrPublicIp;
  }

  /** Both subnets are in one zone: the NAT gateway is needed anyway, and traffic between zones costs. */
  #subnet(name: string, vpc: CfnVPC, cidrBlock: string): { subnet: CfnSubnet; table: CfnRouteTable } {
    const subnet = new CfnSubnet(this, name, {
      vpcId: vpc.ref,
      cidrBlock,
      availabilityZone: this.#zone,
      mapPublicIpOnLaunch: false,
    });
    const table = new CfnRouteTable(this, `${name}Table`, { vpcId: vpc.ref });
    new CfnSubnetRouteTableAssociation(this, `${name}Association`, {
      subnetId: subnet.ref,
      routeTableId: table.ref,
    });
    return { subnet, table };
  }

  /** Rows and cursors do not go through the NAT gateway, which bills each byte. */
  #endpoint(service: string, vpc: CfnVPC, table: CfnRouteTable): void {
    new CfnVPCEndpoint(this, service, {
      vpcId: vpc.ref,
      serviceName: `com.amazonaws.${Stack.of(this).region}.${service}`,
      vpcEndpointType: 'Gateway',
      routeTableIds: [table.ref],
    });
  }
}
