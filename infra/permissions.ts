import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';

type Conditions = Record<string, Record<string, readonly string[]>>;

/**
 * Allows exactly these actions. The constructs' `grant` methods allow more actions than the code calls.
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
