import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ConfigError } from '../../shared/config.ts';
import type { StackConfig } from '../../shared/deployment/configuration.ts';
import { proxyUrl } from '../../shared/https-proxy.ts';
import { fileLayer } from '../file-layer.ts';
import { outgoingOnly, type Placement } from './placement.ts';

/** How functions reach Atlas. */
export interface AtlasAccess {
  /** If undefined, they are in no VPC. */
  placement: Placement | undefined;
  layers: ILayerVersion[];
  environment: Record<string, string>;
}

/**
 * Returns how functions reach Atlas, with the resources that this needs.
 *
 * @param managed where functions run in a managed network
 * @throws {ConfigError} if the file of certificates cannot be used
 */
export function atlasAccess(
  scope: Construct,
  { network, proxy, certificates }: Pick<StackConfig, 'network' | 'proxy' | 'certificates'>,
  managed: Placement | undefined,
): AtlasAccess {
  const placement =
    network?.kind === 'existing'
      ? {
          subnetIds: network.subnetIds,
          securityGroupIds: network.securityGroupIds ?? [
            outgoingOnly(scope, 'Functions', network.vpcId, proxy).attrGroupId,
          ],
        }
      : managed;
  const authorities =
    certificates === undefined
      ? undefined
      : fileLayer(scope, 'Certificates', {
          name: 'certificates.pem',
          content: readCertificates(certificates),
          description: 'Certificate authorities that the functions of Atlas Lake also trust.',
        });
  return {
    placement,
    layers: authorities ? [authorities.layer] : [],
    environment: {
      ...(proxy && { HTTPS_PROXY: proxyUrl(proxy.url).href, NO_PROXY: proxy.noProxy }),
      // Node reads the variable when it starts, so the file must be there before the function's code.
      ...(authorities && { NODE_EXTRA_CA_CERTS: authorities.path }),
    },
  };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Returns the certificates of a PEM file, and nothing else of it: a private key beside them stays where it is. */
function readCertificates(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(
      `certificates: cannot read the file (${error instanceof Error ? error.message : error})`,
    );
  }
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) throw new ConfigError(`certificates: ${file} has no certificate in PEM`);
  for (const [index, certificate] of found.entries()) {
    try {
      new X509Certificate(certificate);
    } catch {
      throw new ConfigError(`certificates: certificate ${index + 1} of ${file} cannot be read`);
    }
  }
  return `${found.join('\n')}\n`;
}
