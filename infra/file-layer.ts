import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Code, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** Lambda puts the files of layers here, before it starts Node. */
const LAYERS = '/opt';

/** A file that functions find beside their code. */
export interface FileLayer {
  layer: LayerVersion;
  /** Its path in a function. */
  path: string;
}

/** Adds a layer of one file. */
export function fileLayer(
  scope: Construct,
  id: string,
  { name, content, description }: { name: string; content: string; description: string },
): FileLayer {
  // A layer is a folder.
  const folder = mkdtempSync(path.join(tmpdir(), 'atlas-lake-layer-'));
  try {
    writeFileSync(path.join(folder, name), content);
    const layer = new LayerVersion(scope, id, { description, code: Code.fromAsset(folder) });
    return { layer, path: `${LAYERS}/${name}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
