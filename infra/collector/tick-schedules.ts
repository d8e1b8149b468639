import { Stack } from 'aws-cdk-lib';
import { type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import type { Encryption } from '../encryption.ts';
import { allow } from '../permissions.ts';

export interface TickSchedulesProps {
  datasets: readonly DatasetDeclaration[];
  dispatch: IFunction;
  deadLetters: IQueue;
  encryption: Encryption;
}

/**
 * The schedules of all datasets. It uses CloudFormation resources because CDK's target constructs allow the role to
 * call every version of the function.
 */
export class TickSchedules extends Construct {
  constructor(scope: Construct, id: string, props: TickSchedulesProps) {
    super(scope, id);
    const group = new CfnScheduleGroup(this, 'Group');
    const role = this.#role(group, props);
    for (const { name, everyMinutes, offsetMinutes } of props.datasets) {
      new CfnSchedule(this, name, {
        description: `Ticks of ${name}`,
        groupName: group.ref,
        scheduleExpression: cronExpression(name, everyMinutes, offsetMinutes),
        scheduleExpressionTimezone: 'UTC',
        // Values would be that much older. Offsets spread the datasets instead.
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: props.dispatch.functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ dataset: name, tick: '<aws.scheduler.scheduled-time>', everyMinutes }),
          // The default is 185 retries within 24 hours. The next tick is due much earlier.
          retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 300 },
          deadLetterConfig: { arn: props.deadLetters.queueArn },
        },
      });
    }
  }

  #role(group: CfnScheduleGroup, { dispatch, deadLetters, encryption }: TickSchedulesProps): IRole {
    const role = new Role(this, 'Role', {
      // Only this group's schedules may use the role.
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': group.attrArn },
        },
      }),
    });
    allow(role, ['lambda:InvokeFunction'], [dispatch.functionArn]);
    allow(role, ['sqs:SendMessage'], [deadLetters.queueArn]);
    encryption.allow(role);
    return role;
  }
}

/**
 * Returns a schedule expression with stable times. A rate expression would count from the deployment instead.
 * @throws when the minutes divide neither an hour nor a day
 */
export function cronExpression(dataset: string, everyMinutes: number, offsetMinutes = 0): string {
  const hours = everyMinutes / 60;
  if (Number.isInteger(hours) && hours > 0 && 24 % hours === 0) {
    const minute = offsetMinutes % 60;
    if (hours === 24) return `cron(${minute} 0 * * ? *)`;
    return hours === 1 ? `cron(${minute} * * * ? *)` : `cron(${minute} 0/${hours} * * ? *)`;
  }
  if (!Number.isInteger(everyMinutes) || everyMinutes < 1 || 60 % everyMinutes !== 0) {
    throw new Error(`${dataset}: everyMinutes must divide an hour or a day, and ${everyMinutes} does not`);
  }
  return `cron(${offsetMinutes % everyMinutes}/${everyMinutes} * * * ? *)`;
}
