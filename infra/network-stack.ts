import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ManagedNetwork, type ManagedNetworkProps } from './network/managed-network.ts';
import type { Placement } from './network/placement.ts';

export interface NetworkStackProps extends StackProps, ManagedNetworkProps {}

/** The network of a deployment without one of its own. It outlives the collector, so that the address stays the same. */
export class NetworkStack extends Stack {
  readonly network: ManagedNetwork;
  readonly placement: Placement;

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    const { availabilityZone, proxy, ...stackProps } = props;
    super(scope, id, stackProps);
    this.network = new ManagedNetwork(this, 'Network', { availabilityZone, proxy });
    this.placement = this.network.placement;
    new CfnOutput(this, 'EgressAddress', {
      description:
        'The address of all requests to Atlas: add it to the access list of the service account or API key.',
      value: this.network.address,
    });
  }
}
