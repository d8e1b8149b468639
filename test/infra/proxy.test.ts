import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { datasets } from '../../functions/datasets.ts';
import { atlasAccess } from '../../infra/network/atlas-access.ts';
import { stackSchema } from '../../shared/deployment/configuration.ts';
import { selfSignedCertificate } from '../integration/atlas/self-signed.ts';
import { dispatchOf, partsOf } from './collector-parts.ts';
import { environmentOf, type ParsedTemplate, type Resource, synthesize } from './templates.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'atlas-lake-proxy-test-'));
const file = path.join(folder, 'authorities.pem');
const [first, second] = [selfSignedCertificate(), selfSignedCertificate()];
writeFileSync(file, `subject=one\n${first.cert}${first.key}${second.cert}`);

afterAll(() => rmSync(folder, { recursive: true }));

function callersOfAtlas(collector: ParsedTemplate): Resource[] {
  return [dispatchOf(collector), ...datasets.map(({ name }) => partsOf(collector, name).function)];
}

describe('a proxy and certificates', () => {
  let deployed: ReturnType<typeof synthesize>;
  beforeAll(() => {
    deployed = synthesize({
      network: { vpcId: 'vpc-01234567', subnetIds: ['subnet-01234567'] },
      proxy: { url: 'proxy.example.com:3128', noProxy: 'other.example.com' },
      certificates: file,
    });
  });

  test('reach every function that talks to Atlas, and no other', () => {
    const expected = {
      HTTPS_PROXY: 'http://proxy.example.com:3128/',
      NO_PROXY: 'other.example.com',
      NODE_EXTRA_CA_CERTS: '/opt/certificates.pem',
    };
    const [layer, ...others] = deployed.collector.ofType('AWS::Lambda::LayerVersion');
    expect(others).toEqual([]);
    for (const resource of callersOfAtlas(deployed.collector)) {
      expect(environmentOf(resource)).toMatchObject(expected);
      expect(resource.Properties['Layers']).toEqual([{ Ref: layer?.id }]);
    }
    for (const { Properties } of deployed.analysis.ofType('AWS::Lambda::Function'))
      expect(JSON.stringify(Properties)).not.toMatch(/PROXY|certificates/);
  });

  test('may be reached through the security group of the stack', () => {
    const [group] = deployed.collector.ofType('AWS::EC2::SecurityGroup');
    const { SecurityGroupEgress } = z
      .object({ SecurityGroupEgress: z.array(z.object({ FromPort: z.number(), ToPort: z.number() })) })
      .parse(group?.Properties);
    expect(SecurityGroupEgress.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual([
      [443, 443],
      [3128, 3128],
    ]);
  });
});

test('the layer has the certificates of the file, and not the private key beside them', () => {
  const outdir = mkdtempSync(path.join(tmpdir(), 'atlas-lake-proxy-test-'));
  try {
    const stack = new Stack(new App({ outdir }), 'Test');
    atlasAccess(stack, stackSchema.parse({ certificates: file }), undefined);
    const [asset, ...others] = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
    expect(others).toEqual([]);
    const text = readFileSync(path.join(outdir, asset ?? '', 'certificates.pem'), 'utf8');
    expect(text).toBe(`${first.cert}${second.cert}`);
  } finally {
    rmSync(outdir, { recursive: true });
  }
});

test('a file with a certificate that is cut off is refused in one line', () => {
  const cut = path.join(folder, 'cut.pem');
  writeFileSync(cut, first.cert + second.cert.replace(/\n.{64}\n/, '\n'));
  expect(() => synthesize({ certificates: cut })).toThrow(
    /^certificates: certificate 2 of .*cut\.pem cannot be read$/,
  );
});
