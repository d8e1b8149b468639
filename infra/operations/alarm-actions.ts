import { Stack } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { StackConfig } from '../../shared/deployment/configuration.ts';
import type { Encryption } from '../encryption.ts';

/** Returns the alarm actions for the configured recipients: an existing topic, an email address, both or none. */
export function alarmActions(
  scope: Construct,
  { email, topicArn }: StackConfig['alarms'],
  { key }: Encryption,
): IAlarmAction[] {
  const topics = [];
  if (topicArn !== undefined) topics.push(Topic.fromTopicArn(scope, 'OwnTopic', topicArn));
  if (email !== undefined) {
    const topic = new Topic(scope, 'AlarmMails', {
      displayName: 'Atlas Lake',
      enforceSSL: true,
      ...(key && { masterKey: key }),
    });
    topic.addSubscription(new EmailSubscription(email));
    // A topic policy replaces the default policy, which lets the account's alarms publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
      }),
    );
    topics.push(topic);
  }
  return topics.map((topic) => new SnsAction(topic));
}
