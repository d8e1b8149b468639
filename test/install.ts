import { installDynamoDbLocal } from './aws/setup/dynamodb-local.ts';
import { installMoto } from './support/servers/moto.ts';
import { hasTool, JAVA, MAVEN, PYTHON } from './support/servers/tools.ts';
import { findJdk } from './trino/setup/jdk.ts';
import { installTrino } from './trino/setup/trino-server.ts';

/**
 * `npm run test:install` downloads what `npm run test:aws` and `npm run test:trino` need below the checkout, as far as this
 * machine has their tools. Otherwise these suites download it themselves.
 */
const hasMaven = hasTool(MAVEN);
if (hasTool(PYTHON)) installMoto();
if (hasTool(JAVA) && hasMaven) installDynamoDbLocal();
if (findJdk() !== null && hasMaven) installTrino();
