import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { App, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { createApi } from '../../lib/api/api.ts';
import { LimitExceeded } from '../../lib/errors.ts';
import type { Runner } from '../../lib/run/runner.ts';
import { resources, stackOf } from './fixtures/synthesis.ts';
import { compiled, openai } from './fixtures/workflows.ts';

const stack = stackOf(compiled('panel', openai), compiled('drafts', openai));

describe('the HTTP API', () => {
  it('asks for a signed request on every route, the default route included', () => {
    const routes = Object.values(resources(stack, 'AWS::ApiGatewayV2::Route'));
    expect(routes.length).toBeGreaterThan(1);
    expect(routes.map(({ Properties }) => Properties.RouteKey)).toContain('$default');
    for (const { Properties } of routes) expect(Properties.AuthorizationType).toBe('AWS_IAM');
  });

  it('has the routes of the API that runs on this machine', () => {
    const keys = Object.values(resources(stack, 'AWS::ApiGatewayV2::Route')).map(
      ({ Properties }) => Properties.RouteKey,
    );
    const local = createApi({} as Runner)
      .routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path: route }) => `${method} ${route.replace(/:(\w+)/g, '{$1}')}`);
    expect(keys.filter((key) => key !== '$default').sort()).toEqual([...new Set(local)].sort());
  });

  it('is the only door: there is no function URL', () => {
    expect(resources(stack, 'AWS::Lambda::Url')).toEqual({});
    const permissions = Object.values(resources(stack, 'AWS::Lambda::Permission'));
    expect(permissions.map(({ Properties }) => Properties.Principal)).toEqual([
      'apigateway.amazonaws.com',
    ]);
  });

  it('calls the alias of its function', () => {
    const [integration] = Object.values(resources(stack, 'AWS::ApiGatewayV2::Integration'));
    expect(integration!.Properties.IntegrationUri).toEqual({
      Ref: expect.stringMatching('^CloudgatherApiFunctionLive'),
    });
  });

  it('lets 50 requests through in a second, and writes one JSON line for each', () => {
    const [stage] = Object.values(resources(stack, 'AWS::ApiGatewayV2::Stage'));
    expect(stage!.Properties).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
    expect(JSON.parse(stage!.Properties.AccessLogSettings.Format)).toEqual({
      requestTime: '$context.requestTime',
      requestId: '$context.requestId',
      caller: '$context.identity.caller',
      method: '$context.httpMethod',
      route: '$context.routeKey',
      status: '$context.status',
      milliseconds: '$context.responseLatency',
      functionStatus: '$context.integrationStatus',
      error: '$context.error.responseType',
    });
  });
});

describe('the function of the HTTP API', () => {
  it('may start and list runs of exactly its machines, and read and stop their runs', () => {
    const policy = resources(stack, 'AWS::IAM::Policy').CloudgatherApiFunctionRoleDefaultPolicy!;
    const ref = (name: string) => ({ Ref: expect.stringMatching(`^Cloudgather${name}Machine`) });
    const runs = (name: string) => ({
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':states:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          `:execution:Cloudgather-${name}:*`,
        ],
      ],
    });
    const bucket = {
      'Fn::GetAtt': [expect.stringMatching('^CloudgatherFunctionsPayloadsBucket'), 'Arn'],
    };
    expect(policy.Properties.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching('^CloudgatherApiFunctionLogs'), 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
        Resource: '*',
      },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: { 'Fn::Join': ['', [bucket, '/*']] } },
      {
        Effect: 'Allow',
        Action: 'dynamodb:Query',
        Resource: {
          'Fn::GetAtt': [expect.stringMatching('^CloudgatherFunctionsTokens'), 'Arn'],
        },
      },
      {
        Effect: 'Allow',
        Action: ['states:ListExecutions', 'states:StartExecution'],
        Resource: [ref('drafts'), ref('panel')],
      },
      {
        Effect: 'Allow',
        Action: [
          'states:DescribeExecution',
          'states:GetExecutionHistory',
          'states:RedriveExecution',
          'states:StopExecution',
        ],
        Resource: [runs('drafts'), runs('panel')],
      },
    ]);
  });

  it('answers before API Gateway gives up, and knows the ARN of each workflow', () => {
    const lambda = resources(stack, 'AWS::Lambda::Function').CloudgatherApiFunction!;
    expect(lambda.Properties.Timeout).toBe(29);
    const machine = (name: string) => ({
      Ref: expect.stringMatching(`^Cloudgather${name}Machine`),
    });
    expect(lambda.Properties.Environment.Variables).toEqual({
      CLOUDGATHER_PAYLOADS: {
        'Fn::Join': [
          '',
          ['s3://', { Ref: expect.stringMatching('^CloudgatherFunctionsPayloadsBucket') }],
        ],
      },
      CLOUDGATHER_STATE_MACHINES: {
        'Fn::Join': ['', ['{"panel":"', machine('panel'), '","drafts":"', machine('drafts'), '"}']],
      },
      CLOUDGATHER_TOKEN_TABLE: { Ref: expect.stringMatching('^CloudgatherFunctionsTokens') },
    });
  });

  it('is deployed with the manifest beside its bundle, and without the source map', () => {
    const folder = apiAsset(stack);
    expect(JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'))).toEqual({
      version: 1,
      workflows: [compiled('panel', openai), compiled('drafts', openai)].map(
        ({ name, description, inputSchema, definitionHash }) => ({
          name,
          description,
          inputSchema,
          definitionHash,
        }),
      ),
    });
    expect(existsSync(path.join(folder, 'index.mjs'))).toBe(true);
    expect(existsSync(path.join(folder, 'index.mjs.map'))).toBe(false);
  });

  it('fails for more workflows than its environment has room for', () => {
    const many = Array.from({ length: 40 }, (_, i) => compiled(`workflow-${i}`));
    expect(() => stackOf(...many)).toThrow(LimitExceeded);
    expect(() => stackOf(...many)).toThrow("set the CDK context 'cloudgather:stacks' to 'each'");
  });
});

/** The folder in the cloud assembly that holds the API function's code. */
function apiAsset(stack: Stack): string {
  const assembly = (stack.node.root as App).synth();
  const key: string = resources(stack, 'AWS::Lambda::Function').CloudgatherApiFunction!.Properties
    .Code.S3Key;
  return path.join(assembly.directory, `asset.${key.replace('.zip', '')}`);
}
