import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { withCalled } from '../../lib/constructs/called-workflows.ts';
import { LimitExceeded } from '../../lib/errors.ts';
import { resources, stackOf } from './fixtures/synthesis.ts';
import { anthropic, compiled, openai, search } from './fixtures/workflows.ts';

/** The package ships no types. */
const aslValidator: (definition: unknown) => { isValid: boolean; errorsText(): string } =
  createRequire(import.meta.url)('asl-validator');

const panel = compiled('panel', openai, anthropic);
const stack = stackOf(panel, compiled('drafts', openai, search), compiled('idle'));
const machines = resources(stack, 'AWS::StepFunctions::StateMachine');
const machine = machines.CloudgatherpanelMachine!;

/** CloudFormation's name for a resource, from the name that these tests use. */
const aliasOf = (name: string) => ({
  Ref: expect.stringMatching(`^CloudgatherFunctions${name}Live`),
});

describe('the state machine of a workflow', () => {
  it('has exactly the compiled bytes as its definition string', () => {
    expect(machine.Properties.DefinitionString).toBe(panel.definition);
  });

  it('has a definition that asl-validator accepts', () => {
    for (const { Properties } of Object.values(machines)) {
      const verdict = aslValidator(JSON.parse(Properties.DefinitionString));
      expect(verdict.isValid, verdict.errorsText()).toBe(true);
    }
    expect(Object.keys(machines)).toHaveLength(3);
  });

  it('gets the ARN of an alias for each placeholder', () => {
    expect(machine.Properties.DefinitionSubstitutions).toEqual({
      ModelOpenai: aliasOf('modelopenai'),
      ModelAnthropic: aliasOf('modelanthropic'),
    });
  });

  it('is a Standard machine with a readable name, traced, logging every event without its payload', () => {
    expect(machine.Properties).toMatchObject({
      StateMachineName: 'Cloudgather-panel',
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: {
        Level: 'ALL',
        IncludeExecutionData: false,
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: expect.anything() } }],
      },
      Tags: [
        { Key: 'cloudgather:stack', Value: 'Cloudgather' },
        { Key: 'cloudgather:workflow', Value: 'panel' },
      ],
    });
    expect(resources(stack, 'AWS::Logs::LogGroup').CloudgatherpanelLogs).toMatchObject({
      Properties: { LogGroupName: '/aws/vendedlogs/states/Cloudgather-panel', RetentionInDays: 30 },
      DeletionPolicy: 'Delete',
    });
  });

  it('may run the items of its Distributed Map, which are executions of itself, and no other', () => {
    const own = stackOf({ ...compiled('many'), distributed: true });
    const policy = resources(own, 'AWS::IAM::Policy').CloudgathermanyRoleDefaultPolicy!;
    const arn = (rest: string) => ({
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':states:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          `:${rest}`,
        ],
      ],
    });
    expect(policy.Properties.PolicyDocument.Statement.slice(0, 2)).toEqual([
      {
        Effect: 'Allow',
        Action: 'states:StartExecution',
        Resource: arn('stateMachine:Cloudgather-many'),
      },
      {
        Effect: 'Allow',
        Action: ['states:DescribeExecution', 'states:RedriveExecution', 'states:StopExecution'],
        Resource: [arn('execution:Cloudgather-many/*'), arn('execution:Cloudgather-many:*')],
      },
    ]);
  });

  it('may do with the run table exactly what its document does, and gets its name', () => {
    const table = { kind: 'table', placeholder: 'RunTable' } as const;
    const voting = stackOf(
      { ...compiled('vote'), resources: [{ ...table, actions: ['GetItem', 'UpdateItem'] }] },
      compiled('idle'),
    );
    const name = { Ref: expect.stringMatching(/^CloudgatherRunTable\w+$/) };
    const made = resources(voting, 'AWS::StepFunctions::StateMachine');
    expect(made.CloudgathervoteMachine!.Properties.DefinitionSubstitutions).toEqual({
      RunTable: name,
    });
    const policies = resources(voting, 'AWS::IAM::Policy');
    expect(
      policies.CloudgathervoteRoleDefaultPolicy!.Properties.PolicyDocument.Statement[0],
    ).toEqual({
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
      Resource: { 'Fn::GetAtt': [name.Ref, 'Arn'] },
    });
    expect(JSON.stringify(policies.CloudgatheridleRoleDefaultPolicy)).not.toContain('dynamodb');
    expect(Object.values(resources(voting, 'AWS::DynamoDB::Table'))).toEqual([
      expect.objectContaining({
        Properties: {
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { SSEEnabled: false },
          TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
          Tags: expect.anything(),
        },
        DeletionPolicy: 'Delete',
      }),
    ]);
  });

  it('has no run table where no document needs one', () => {
    expect(resources(stack, 'AWS::DynamoDB::Table')).not.toHaveProperty('CloudgatherRunTable');
  });

  it('fails where its document needs what the stack does not have', () => {
    const need = { kind: 'workflow', placeholder: 'WorkflowOther', workflow: 'other' } as const;
    expect(() => stackOf({ ...compiled('items'), resources: [need] })).toThrow(
      'The workflow "items" starts executions of "other", which this stack does not have.',
    );
  });

  it('may start, watch and stop executions of the workflows that it calls, also of itself', () => {
    const calls = (workflow: string) =>
      ({ kind: 'workflow', placeholder: `Workflow${workflow}`, workflow }) as const;
    const calling = stackOf(
      { ...compiled('ping'), resources: [calls('pong')] },
      { ...compiled('pong'), resources: [calls('ping'), calls('pong')] },
    );
    const arn = (service: string, rest: string) => ({
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          `:${service}:`,
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          `:${rest}`,
        ],
      ],
    });
    const policy = resources(calling, 'AWS::IAM::Policy').CloudgatherpingRoleDefaultPolicy!;
    expect(policy.Properties.PolicyDocument.Statement.slice(0, 3)).toEqual([
      {
        Effect: 'Allow',
        Action: 'states:StartExecution',
        Resource: arn('states', 'stateMachine:Cloudgather-pong'),
      },
      {
        Effect: 'Allow',
        Action: ['states:DescribeExecution', 'states:StopExecution'],
        Resource: arn('states', 'execution:Cloudgather-pong:*'),
      },
      {
        Effect: 'Allow',
        Action: ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
        Resource: arn('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule'),
      },
    ]);
    const machines = resources(calling, 'AWS::StepFunctions::StateMachine');
    expect(machines.CloudgatherpongMachine!.Properties.DefinitionSubstitutions).toEqual({
      Workflowping: arn('states', 'stateMachine:Cloudgather-ping'),
      Workflowpong: arn('states', 'stateMachine:Cloudgather-pong'),
    });
  });

  it('has what it calls in a stack of its own, too', () => {
    const calls = (workflow: string) => [{ kind: 'workflow', placeholder: 'W', workflow }] as const;
    const outer = { ...compiled('outer'), resources: calls('middle') };
    const middle = { ...compiled('middle'), resources: calls('inner') };
    const inner = { ...compiled('inner'), resources: calls('outer') };
    const all = [compiled('idle'), inner, middle, outer];
    expect(withCalled(outer, all)).toEqual([outer, middle, inner]);
    expect(withCalled(compiled('idle'), all)).toHaveLength(1);
  });

  it('may read, list and write exactly the keys that its document names', () => {
    const reading = stackOf({
      ...compiled('items'),
      resources: [
        { kind: 'bucket', bucket: 'in', access: 'list', prefix: 'day/' },
        { kind: 'bucket', bucket: 'in', access: 'read', prefix: 'day/' },
        { kind: 'bucket', bucket: 'in', access: 'list', prefix: '' },
        {
          kind: 'bucket',
          bucket: 'in',
          access: 'read',
          prefix: 'a*.csv',
          exact: true,
          version: true,
        },
        { kind: 'bucket', bucket: 'out', access: 'write', prefix: 'runs/' },
      ],
    });
    const arn = (rest: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::${rest}`]],
    });
    const policy = resources(reading, 'AWS::IAM::Policy').CloudgatheritemsRoleDefaultPolicy!;
    expect(policy.Properties.PolicyDocument.Statement.slice(0, 5)).toEqual([
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: arn('in'),
        Condition: { StringLike: { 's3:prefix': 'day/*' } },
      },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: arn('in/day/*') },
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: arn('in') },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:GetObjectVersion'],
        Resource: arn('in/a${*}.csv'),
      },
      {
        Effect: 'Allow',
        Action: [
          's3:AbortMultipartUpload',
          's3:GetObject',
          's3:ListMultipartUploadParts',
          's3:PutObject',
        ],
        Resource: arn('out/runs/*'),
      },
    ]);
  });

  it('has a role that invokes exactly the aliases it names', () => {
    const policy = resources(stack, 'AWS::IAM::Policy').CloudgatherpanelRoleDefaultPolicy!;
    expect(policy.Properties.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: [aliasOf('modelanthropic'), aliasOf('modelopenai')],
      },
      {
        Effect: 'Allow',
        // AWS knows no ARN for any of these.
        Action: [
          'logs:CreateLogDelivery',
          'logs:DeleteLogDelivery',
          'logs:DescribeLogGroups',
          'logs:DescribeResourcePolicies',
          'logs:GetLogDelivery',
          'logs:ListLogDeliveries',
          'logs:PutResourcePolicy',
          'logs:UpdateLogDelivery',
          'xray:GetSamplingRules',
          'xray:GetSamplingTargets',
          'xray:PutTelemetryRecords',
          'xray:PutTraceSegments',
        ],
        Resource: '*',
      },
    ]);
  });

  it('has a role that no other state machine and no other account may take', () => {
    const role = resources(stack, 'AWS::IAM::Role').CloudgatherpanelRole!;
    const region = { Ref: 'AWS::Region' };
    const account = { Ref: 'AWS::AccountId' };
    const arn = ['arn:', { Ref: 'AWS::Partition' }, ':states:', region, ':', account];
    expect(role.Properties.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'states.amazonaws.com' },
        Condition: {
          ArnEquals: {
            'aws:SourceArn': { 'Fn::Join': ['', [...arn, ':stateMachine:Cloudgather-panel']] },
          },
          StringEquals: { 'aws:SourceAccount': account },
        },
      },
    ]);
  });

  it('invokes nothing where the document names no function', () => {
    const policy = resources(stack, 'AWS::IAM::Policy').CloudgatheridleRoleDefaultPolicy!;
    expect(JSON.stringify(policy)).not.toContain('lambda:InvokeFunction');
  });

  it('fails when its name has more than 80 characters', () => {
    const name = 'a'.repeat(70);
    expect(() => stackOf(compiled(name))).toThrow(LimitExceeded);
    expect(() => stackOf(compiled(name))).toThrow(
      `The state machine of workflow "${name}" would be named "Cloudgather-${name}", which has 82 characters. ` +
        'Step Functions allows 80: shorten the name of the workflow or of the stack.',
    );
  });
});
