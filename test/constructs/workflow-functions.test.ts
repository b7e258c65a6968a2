import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { CompiledWorkflow, ModelFunctionNeed } from '../../lib/asl/compiled.ts';
import { WorkflowFunctions } from '../../lib/constructs/workflow-functions.ts';
import { UsageError, WorkflowInvalid } from '../../lib/errors.ts';
import { emptyStack, resources } from './fixtures/synthesis.ts';
import { anthropic, bundles, compiled, openai, search } from './fixtures/workflows.ts';

function functionsOf(workflows: readonly CompiledWorkflow[], context = {}) {
  const stack = emptyStack(context);
  const functions = new WorkflowFunctions(stack, 'Functions', { workflows, bundles });
  return { stack, functions };
}

const ollama: ModelFunctionNeed = {
  kind: 'model',
  placeholder: 'ModelOllama',
  name: 'model-ollama',
  timeoutSeconds: 130,
  provider: 'ollama',
};
const azure: ModelFunctionNeed = { ...ollama, name: 'model-azure', provider: 'azure' };

const bucketUrl = {
  'Fn::Join': ['', ['s3://', { Ref: expect.stringMatching('^FunctionsPayloadsBucket') }]],
};
const keyArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:team/openai-AbC123';

describe('the functions of workflows', () => {
  it('exist once each, however many workflows name them', () => {
    const { stack } = functionsOf([
      compiled('panel', openai, anthropic),
      compiled('drafts', openai, search),
    ]);
    expect(Object.keys(resources(stack, 'AWS::Lambda::Function'))).toEqual([
      'FunctionsmodelopenaiFunction',
      'FunctionsmodelanthropicFunction',
      'FunctionstasksearchFunction',
    ]);
    expect(Object.keys(resources(stack, 'AWS::SecretsManager::Secret'))).toHaveLength(2);
  });

  it('get the longest time that any workflow asks for', () => {
    const { stack } = functionsOf([
      compiled('one', { ...openai, timeoutSeconds: 40 }),
      compiled('two', { ...openai, timeoutSeconds: 400 }),
      compiled('three', { ...openai, timeoutSeconds: 4 }),
    ]);
    const lambda = resources(stack, 'AWS::Lambda::Function').FunctionsmodelopenaiFunction!;
    expect(lambda.Properties.Timeout).toBe(400);
  });

  it('are arm64 on Node 24 with an alias, a month of JSON logs and X-Ray', () => {
    const { stack } = functionsOf([compiled('drafts', search)]);
    expect(
      resources(stack, 'AWS::Lambda::Function').FunctionstasksearchFunction!.Properties,
    ).toEqual({
      Description: 'Task functions/search.ts',
      Code: expect.anything(),
      Environment: { Variables: { CLOUDGATHER_PAYLOADS: bucketUrl } },
      Handler: 'index.cloudgather.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 256,
      Timeout: 30,
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: {
        LogFormat: 'JSON',
        LogGroup: { Ref: expect.stringMatching('^FunctionstasksearchLogs') },
      },
      Role: { 'Fn::GetAtt': [expect.stringMatching('^FunctionstasksearchRole'), 'Arn'] },
    });
    expect(resources(stack, 'AWS::Lambda::Alias').FunctionstasksearchLive!.Properties.Name).toBe(
      'live',
    );
    expect(resources(stack, 'AWS::Logs::LogGroup').FunctionstasksearchLogs).toMatchObject({
      Properties: { RetentionInDays: 30 },
      DeletionPolicy: 'Delete',
    });
  });

  it('have roles of their own: a log, a trace, and for a model one key and the limits', () => {
    const { stack } = functionsOf([compiled('both', openai, search)]);
    const policies = resources(stack, 'AWS::IAM::Policy');
    const log = (name: string) => ({
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: { 'Fn::GetAtt': [expect.stringMatching(`^Functions${name}Logs`), 'Arn'] },
    });
    const trace = {
      Effect: 'Allow',
      Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      Resource: '*', // X-Ray has no resources
    };
    const key = {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: { Ref: expect.stringMatching('^FunctionsKeysopenai') },
    };
    const aside = {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: {
        'Fn::Join': [
          '',
          [{ 'Fn::GetAtt': [expect.stringMatching('^FunctionsPayloadsBucket'), 'Arn'] }, '/*'],
        ],
      },
    };
    const limit = {
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
      Resource: { 'Fn::GetAtt': [expect.stringMatching('^FunctionsLimiterTable'), 'Arn'] },
    };
    const tell = {
      Effect: 'Allow',
      Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
      Resource: { 'Fn::GetAtt': [expect.stringMatching('^FunctionsTokensTable'), 'Arn'] },
    };
    expect(
      policies.FunctionsmodelopenaiRoleDefaultPolicy!.Properties.PolicyDocument.Statement,
    ).toEqual([log('modelopenai'), trace, key, limit, aside, tell]);
    expect(
      policies.FunctionstasksearchRoleDefaultPolicy!.Properties.PolicyDocument.Statement,
    ).toEqual([log('tasksearch'), trace, aside]);
    for (const role of Object.values(resources(stack, 'AWS::IAM::Role'))) {
      expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  it('tell the text of watched runs by a table whose rows go by themselves', () => {
    const { stack } = functionsOf([compiled('both', openai, search)]);
    const [table] = Object.entries(resources(stack, 'AWS::DynamoDB::Table'))
      .filter(([id]) => id.startsWith('FunctionsTokens'))
      .map(([, resource]) => resource.Properties);
    expect(table).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'run', KeyType: 'HASH' },
        { AttributeName: 'position', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    });
    const without = functionsOf([compiled('search', search)]).stack;
    expect(resources(without, 'AWS::DynamoDB::Table')).toEqual({});
  });

  it('may invoke the models of Bedrock that the workflows name, and no other', () => {
    const bedrock: ModelFunctionNeed = { ...ollama, name: 'model-bedrock', provider: 'bedrock' };
    const { stack } = functionsOf([
      compiled('one', { ...bedrock, models: ['openai.gpt-oss-120b-1:0'] }),
      compiled('two', { ...bedrock, models: ['us.anthropic.claude-haiku-4-5-20251001-v1:0'] }),
    ]);
    const policy = resources(stack, 'AWS::IAM::Policy').FunctionsmodelbedrockRoleDefaultPolicy!;
    const [granted] = policy.Properties.PolicyDocument.Statement.filter(
      ({ Action }: { Action: unknown }) => String(Action).includes('bedrock:'),
    );
    const arn = (...rest: readonly unknown[]) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...rest]],
    });
    const region = { Ref: 'AWS::Region' };
    expect(granted.Action).toEqual([
      'bedrock:InvokeModel',
      'bedrock:InvokeModelWithResponseStream',
    ]);
    expect(granted.Resource).toEqual([
      arn(
        ':bedrock:',
        region,
        ':',
        { Ref: 'AWS::AccountId' },
        ':inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0',
      ),
      arn(':bedrock:', region, '::foundation-model/openai.gpt-oss-120b-1:0'),
      arn(':bedrock:*::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0'),
    ]);
  });

  it('fails when two workflows mean different functions by one name', () => {
    const other = { ...search, entry: 'functions/web/search.ts' };
    expect(() => functionsOf([compiled('one', search), compiled('two', other)])).toThrow(
      new WorkflowInvalid(
        'Two workflows mean different functions by the name "task-search": the task function functions/search.ts ' +
          '(handler) and the task function functions/web/search.ts (handler). Give one of them another name.',
      ),
    );
  });

  it('fails for a function that none of its workflows names', () => {
    const { functions } = functionsOf([compiled('one', openai)]);
    expect(() => functions.alias(search)).toThrow(
      'There is no function "task-search" among those of this stack: model-openai.',
    );
  });
});

describe("the budget of a deployment's day", () => {
  const variables = (value: unknown) => {
    const { stack } = functionsOf([compiled('both', openai, search)], {
      'cloudgather:budget': value,
    });
    const functions = resources(stack, 'AWS::Lambda::Function');
    return {
      model: functions.FunctionsmodelopenaiFunction!.Properties.Environment.Variables,
      task: functions.FunctionstasksearchFunction!.Properties.Environment,
    };
  };

  it.each([[{ usd: 20, tokens: 5_000_000 }], ['{"usd":20,"tokens":5000000}']])(
    'reaches each model function from the context %j',
    (value) => {
      const { model, task } = variables(value);
      expect(model).toMatchObject({
        CLOUDGATHER_DAY_BUDGET_USD: '20',
        CLOUDGATHER_DAY_BUDGET_TOKENS: '5000000',
      });
      expect(Object.keys(task.Variables)).toEqual(['CLOUDGATHER_PAYLOADS']);
    },
  );

  it.each([['20'], [{ eur: 20 }], ['lots'], [{ usd: '20' }]])('fails at synth for %j', (value) => {
    expect(() => variables(value)).toThrow(
      /^The CDK context "cloudgather:budget" .*cdk deploy -c cloudgather:budget='\{"usd": 20\}'$/,
    );
  });

  it('is kept in rows that expire', () => {
    const { stack } = functionsOf([compiled('both', openai)]);
    const table = resources(stack, 'AWS::DynamoDB::Table').FunctionsLimiterTable!;
    expect(table.Properties.TimeToLiveSpecification).toEqual({
      AttributeName: 'expires',
      Enabled: true,
    });
  });
});

describe('the bucket of what is too large', () => {
  it('is encrypted, closed to the public and to plain HTTP, and empties itself', () => {
    const { stack } = functionsOf([compiled('drafts', search)]);
    const [bucket] = Object.values(resources(stack, 'AWS::S3::Bucket'));
    expect(bucket).toEqual({
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
          ],
        },
        LifecycleConfiguration: {
          Rules: [
            {
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
              ExpirationInDays: 90,
              Status: 'Enabled',
            },
          ],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
    const [policy] = Object.values(resources(stack, 'AWS::S3::BucketPolicy'));
    expect(policy!.Properties.PolicyDocument.Statement).toMatchObject([
      { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Effect: 'Deny', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } },
    ]);
  });
});

describe('the key of a provider', () => {
  it('is an empty secret with a clear name that goes with the stack', () => {
    const { stack } = functionsOf([compiled('panel', openai)]);
    expect(resources(stack, 'AWS::SecretsManager::Secret').FunctionsKeysopenai).toEqual({
      Type: 'AWS::SecretsManager::Secret',
      Properties: {
        Name: 'cloudgather/openai',
        Description: 'API key of openai, as plain text; put in after the deployment',
      },
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
    });
  });

  it('is named in the environment by its ARN and nothing more', () => {
    const { stack } = functionsOf([compiled('panel', openai)]);
    const lambda = resources(stack, 'AWS::Lambda::Function').FunctionsmodelopenaiFunction!;
    expect(lambda.Properties.Environment).toEqual({
      Variables: {
        CLOUDGATHER_PAYLOADS: bucketUrl,
        CLOUDGATHER_PROVIDER: 'openai',
        CLOUDGATHER_KEY_SECRET_ARN: { Ref: expect.stringMatching('^FunctionsKeysopenai') },
        CLOUDGATHER_LIMITER_TABLE: { Ref: expect.stringMatching('^FunctionsLimiterTable') },
        CLOUDGATHER_TOKEN_TABLE: { Ref: expect.stringMatching('^FunctionsTokensTable') },
      },
    });
  });

  it('is an existing secret where the context names its ARN', () => {
    const { stack } = functionsOf([compiled('panel', openai)], {
      'cloudgather:key:openai': keyArn,
    });
    expect(resources(stack, 'AWS::SecretsManager::Secret')).toEqual({});
    const lambda = resources(stack, 'AWS::Lambda::Function').FunctionsmodelopenaiFunction!;
    expect(lambda.Properties.Environment.Variables.CLOUDGATHER_KEY_SECRET_ARN).toBe(keyArn);
    const policy = resources(stack, 'AWS::IAM::Policy').FunctionsmodelopenaiRoleDefaultPolicy!;
    expect(policy.Properties.PolicyDocument.Statement).toContainEqual({
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: keyArn,
    });
  });

  it('is not asked for where the provider does without', () => {
    const { stack } = functionsOf([
      compiled('own', { ...ollama, baseURL: 'https://llm.example/v1' }),
    ]);
    expect(resources(stack, 'AWS::SecretsManager::Secret')).toEqual({});
    expect(JSON.stringify(resources(stack, 'AWS::IAM::Policy'))).not.toContain('secretsmanager');
  });

  it('rejects an ARN without its last six characters, and shows it', () => {
    const partial = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:openai';
    const make = () =>
      functionsOf([compiled('panel', openai)], { 'cloudgather:key:openai': partial });
    expect(make).toThrow(UsageError);
    expect(make).toThrow(`what it holds "${partial}" is not`);
  });

  it('rejects a key where its ARN belongs, and does not repeat it', () => {
    const make = () =>
      functionsOf([compiled('panel', openai)], { 'cloudgather:key:openai': 'sk-canary-123' });
    expect(make).toThrow('The CDK context "cloudgather:key:openai" must be the complete ARN');
    expect(make).not.toThrow('sk-canary-123');
  });
});

describe('the base URL of a provider', () => {
  const url = (context: object, need: ModelFunctionNeed) =>
    Object.values(
      resources(functionsOf([compiled('w', need)], context).stack, 'AWS::Lambda::Function'),
    )[0]!.Properties.Environment.Variables.CLOUDGATHER_BASE_URL;

  it('is left to the provider table by default', () => {
    expect(url({}, openai)).toBeUndefined();
  });

  it('is the one that the workflow gives', () => {
    expect(url({}, { ...ollama, baseURL: 'https://llm.example/v1' })).toBe(
      'https://llm.example/v1',
    );
  });

  it('is the one in the context before all others', () => {
    const context = { 'cloudgather:base-url:ollama': 'https://gpu.example/v1' };
    expect(url(context, { ...ollama, baseURL: 'https://llm.example/v1' })).toBe(
      'https://gpu.example/v1',
    );
  });

  it('fails where every account has its own and none is set', () => {
    expect(() => url({}, azure)).toThrow(UsageError);
    expect(() => url({}, azure)).toThrow('Set the CDK context "cloudgather:base-url:azure"');
  });

  it('rejects what is not a URL', () => {
    expect(() => url({ 'cloudgather:base-url:azure': 'my-resource' }, azure)).toThrow(
      'must be a URL up to, not including, /chat/completions; it is "my-resource".',
    );
  });

  it('warns of a server on this machine, which a deployed function cannot reach', () => {
    const { stack } = functionsOf([compiled('panel', openai, ollama)]);
    const warnings = Annotations.fromStack(stack);
    warnings.hasWarning(
      '/Cloudgather/Functions/model-ollama',
      Match.stringLikeRegexp('where a deployed function finds nothing'),
    );
    warnings.hasNoWarning('/Cloudgather/Functions/model-openai', Match.anyValue());
  });
});
