import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';

type Conditions = Record<string, Record<string, readonly string[]>>;

/**
 * Allows exactly these actions. The constructs' own `grant` methods allow more than the code ever calls.
 */
export function allow(
  role: IRole,
  actions: readonly string[],
  resources: readonly string[],
  conditions: Conditions = {},
): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: [...actions], resources: [...resources], conditions }),
  );
}
