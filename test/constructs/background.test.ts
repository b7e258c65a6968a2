import type { Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import type { CompiledWorkflow } from '../../lib/asl/compiled.ts';
import { resources, stackOf } from './fixtures/synthesis.ts';
import { compiled, openai, submit } from './fixtures/workflows.ts';

const table = { kind: 'table', placeholder: 'RunTable', actions: [] } as const;
const long: CompiledWorkflow = { ...compiled('long', submit), resources: [table] };
const stack = stackOf(long, compiled('panel', openai));

const machine = { Ref: expect.stringMatching('^CloudgatherlongMachine') };
const key = { Ref: expect.stringMatching('^CloudgatherFunctionsKeysopenai[0-9A-F]{8}$') };
const webhookSecret = { Ref: expect.stringMatching('^CloudgatherFunctionsKeysopenaiwebhook') };
const runTable = { 'Fn::GetAtt': [expect.stringMatching('^CloudgatherRunTable'), 'Arn'] };
const index = { 'Fn::Join': ['', [runTable, '/index/open']] };
const answers = ['states:SendTaskFailure', 'states:SendTaskHeartbeat', 'states:SendTaskSuccess'];

/** What a function's role may do to secrets, states and the run table, without the limiter's. */
function allowed(name: string): unknown[] {
  const role = `CloudgatherFunctionsbackgroundopenai${name}RoleDefaultPolicy`;
  const { Statement } = resources(stack, 'AWS::IAM::Policy')[role]!.Properties.PolicyDocument;
  return Statement.filter(
    (each: { Action: unknown; Resource: unknown }) =>
      /secretsmanager|states|dynamodb/.test(JSON.stringify(each.Action)) &&
      !JSON.stringify(each.Resource).includes('Limiter'),
  ).map(({ Action, Resource }: { Action: unknown; Resource: unknown }) => [Action, Resource]);
}

describe('the functions of the background lane', () => {
  it('may do what each is for, and no more', () => {
    expect(allowed('Submit')).toEqual([
      ['secretsmanager:GetSecretValue', key],
      [
        ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        runTable,
      ],
    ]);
    expect(allowed('Webhook')).toEqual([
      ['secretsmanager:GetSecretValue', [key, webhookSecret]],
      [['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'], runTable],
      [answers, machine],
    ]);
    expect(allowed('Sweep')).toEqual([
      ['secretsmanager:GetSecretValue', key],
      [['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'], runTable],
      ['dynamodb:Query', index],
      [answers, machine],
    ]);
  });

  it('are not all called by the state machine: only the one that submits', () => {
    const policy = resources(stack, 'AWS::IAM::Policy').CloudgatherlongRoleDefaultPolicy!;
    const invoked = policy.Properties.PolicyDocument.Statement.filter(
      ({ Action }: { Action: unknown }) => Action === 'lambda:InvokeFunction',
    );
    expect(invoked).toEqual([
      expect.objectContaining({
        Resource: { Ref: expect.stringMatching('^CloudgatherFunctionsbackgroundopenaiSubmitLive') },
      }),
    ]);
  });

  it('have no secret in their environment, only where it is', () => {
    const { Environment } = resources(stack, 'AWS::Lambda::Function')
      .CloudgatherFunctionsbackgroundopenaiWebhookFunction!.Properties;
    expect(Environment.Variables).toMatchObject({
      CLOUDGATHER_PROVIDER: 'openai',
      CLOUDGATHER_KEY_SECRET_ARN: key,
      CLOUDGATHER_WEBHOOK_SECRET_ARN: webhookSecret,
      CLOUDGATHER_RUN_TABLE: { Ref: expect.stringMatching('^CloudgatherRunTable') },
    });
    const secret = resources(
      stack,
      'AWS::SecretsManager::Secret',
    ).CloudgatherFunctionsKeysopenaiwebhook;
    expect(secret?.Properties.Name).toBe('cloudgather/openai-webhook');
    expect(secret?.Properties).not.toHaveProperty('SecretString');
  });

  it('hear of the end of each run that may have calls, and look once a minute', () => {
    const rules = Object.values(resources(stack, 'AWS::Events::Rule')).map(
      ({ Properties }) => Properties,
    );
    const target = { Ref: expect.stringMatching('^CloudgatherFunctionsbackgroundopenaiSweepLive') };
    for (const { Targets } of rules) expect(Targets).toMatchObject([{ Arn: target }]);
    expect(rules).toMatchObject([
      { ScheduleExpression: 'rate(1 minute)' },
      {
        EventPattern: {
          source: ['aws.states'],
          'detail-type': ['Step Functions Execution Status Change'],
          detail: {
            stateMachineArn: [machine],
            status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
          },
        },
      },
    ]);
  });

  it('take webhooks by a link of which an authorizer has checked the signature', () => {
    const linked = Object.values(resources(stack, 'AWS::ApiGatewayV2::Route')).filter(
      ({ Properties }) => Properties.AuthorizationType === 'CUSTOM',
    );
    expect(linked.map(({ Properties }) => Properties.RouteKey)).toEqual(['POST /webhooks/openai']);
  });

  it('find their jobs by an index of the run table', () => {
    const [found] = Object.values(resources(stack, 'AWS::DynamoDB::Table')).filter(
      ({ Properties }) => Properties.GlobalSecondaryIndexes,
    );
    expect(found?.Properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'open',
        KeySchema: [
          { AttributeName: 'open', KeyType: 'HASH' },
          { AttributeName: 'run', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['due'] },
      },
    ]);
  });

  it('are not there where no workflow has a background call', () => {
    const quiet = stackOf(compiled('panel', openai));
    expect(resources(quiet, 'AWS::Events::Rule')).toEqual({});
    expect(Object.keys(resources(quiet, 'AWS::Lambda::Function')).join()).not.toContain(
      'background',
    );
  });

  it('answer the items of a Distributed Map too, and only where there is one', () => {
    const wide = stackOf({ ...long, distributed: true });
    expect(JSON.stringify(resources(wide, 'AWS::IAM::Policy'))).toContain('"/*"');
    expect(JSON.stringify(allowed('Sweep'))).not.toContain('/*');
  });
});

const payloads = 'IAM5[Resource::<CloudgatherFunctionsPayloadsBucket8AC9E1AA.Arn>/*]';

/** Why cdk-nag's findings are as they should be: those that come with the lane. */
const acknowledged = {
  SMG4: 'A webhook secret is issued at the provider, and the links that are out would no longer be good.',
  'IAM5[Resource::*]':
    'AWS gives no ARN to X-Ray segments, and none to the log deliveries of Step Functions.',
  [payloads]:
    'What a step puts aside is named by its run and its content, which are known when it is.',
};

/** 'SMG4 at Links/Secret' */
function findings(of: Stack): string[] {
  const { violations } = new AwsSolutionsChecks(of).validateScope(of);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => {
      const at = constructPath!.replace('Cloudgather/Cloudgather/', '');
      return `${ruleName.replace('AwsSolutions-', '')} at ${at.replace('/DefaultPolicy/Resource', '')}`;
    }),
  );
}

it('adds no finding of cdk-nag but those that are acknowledged', () => {
  const quiet = new Set(findings(stackOf(compiled('long', openai), compiled('panel', openai))));
  const added = findings(stack).filter((finding) => !quiet.has(finding));
  expect(added.sort()).toEqual([
    ...['Submit', 'Sweep', 'Webhook'].map(
      (name) => `IAM5[Resource::*] at Functions/background-openai/${name}/Role`,
    ),
    'IAM5[Resource::*] at Links/Authorizer/Role',
    ...['Submit', 'Sweep', 'Webhook'].map(
      (name) => `${payloads} at Functions/background-openai/${name}/Role`,
    ),
    'SMG4 at Functions/Keys/openai-webhook',
    'SMG4 at Links/Secret',
  ]);
  for (const finding of added) expect(acknowledged).toHaveProperty([finding.split(' at ')[0]!]);
});
