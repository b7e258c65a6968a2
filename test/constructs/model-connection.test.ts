import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileWorkflow } from '../../lib/asl/compile.ts';
import { Cloudgather } from '../../lib/constructs/cloudgather.ts';
import { model, workflow } from '../../lib/index.ts';
import { emptyStack, resources } from './fixtures/synthesis.ts';
import { bundles } from './fixtures/workflows.ts';

const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:openai-AbCdEf';
const filled = { 'cloudgather:key:openai': secret };

async function stackOf(context: Record<string, string>) {
  const ask = model({ model: 'openai:gpt-5-mini', lane: 'http' });
  const flow = await workflow('direct', { input: z.object({}) }, async () => ask({ prompt: 'p' }));
  const stack = emptyStack(context);
  new Cloudgather(stack, 'Cloudgather', { workflows: [compileWorkflow(flow)], bundles });
  return { stack, workflow: compileWorkflow(flow) };
}

const { stack, workflow: compiled } = await stackOf(filled);
const connection = 'Cloudgatherconnectionopenai';

describe('a workflow whose model Step Functions calls itself', () => {
  it('has a connection with the key, which no template holds, and no model function', () => {
    expect(resources(stack, 'AWS::Events::Connection')).toMatchObject({
      [`${connection}Connection`]: {
        Properties: {
          Name: 'Cloudgather-model-openai',
          AuthorizationType: 'API_KEY',
          AuthParameters: {
            ApiKeyAuthParameters: {
              ApiKeyName: 'Authorization',
              ApiKeyValue: `Bearer {{resolve:secretsmanager:${secret}:SecretString:::}}`,
            },
          },
        },
      },
    });
    expect(Object.keys(resources(stack, 'AWS::Lambda::Function'))).toEqual([
      expect.stringContaining('ApiFunction'),
    ]);
    expect(resources(stack, 'AWS::SecretsManager::Secret')).toEqual({});
  });

  it('may send to that one URL, with that key, and nowhere else', () => {
    const [role] = Object.entries(resources(stack, 'AWS::IAM::Policy')).filter(([id]) =>
      id.startsWith('CloudgatherdirectRole'),
    );
    const made = (name: string) => ({
      'Fn::GetAtt': [expect.stringMatching(`^${connection}Connection`), name],
    });
    const statements: Record<string, unknown>[] = role?.[1].Properties.PolicyDocument.Statement;
    expect(statements.filter(({ Resource }) => Resource !== '*')).toEqual([
      {
        Effect: 'Allow',
        Action: 'states:InvokeHTTPEndpoint',
        Resource: expect.objectContaining({ 'Fn::Join': expect.anything() }),
        Condition: {
          StringEquals: {
            'states:HTTPMethod': 'POST',
            'states:HTTPEndpoint': 'https://api.openai.com/v1/chat/completions',
          },
        },
      },
      { Effect: 'Allow', Action: 'events:RetrieveConnectionCredentials', Resource: made('Arn') },
      {
        Effect: 'Allow',
        Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        Resource: made('SecretArn'),
      },
    ]);
    expect(JSON.stringify(statements)).toContain(':stateMachine:Cloudgather-direct');
  });

  it('deploys the compiled document byte for byte, with the connection and the URL put in', () => {
    const [machine] = Object.values(resources(stack, 'AWS::StepFunctions::StateMachine'));
    expect(machine?.Properties.DefinitionString).toBe(compiled.definition);
    expect(machine?.Properties.DefinitionSubstitutions).toEqual({
      ConnectionOpenai: { 'Fn::GetAtt': [expect.stringMatching(connection), 'Arn'] },
      EndpointOpenai: 'https://api.openai.com/v1/chat/completions',
    });
    expect(compiled).toMatchObject({
      functions: [],
      resources: [{ kind: 'connection', provider: 'openai' }],
    });
  });

  it('gives cdk-nag nothing to find that other workflows do not', () => {
    const { violations } = new AwsSolutionsChecks(stack).validateScope(stack);
    const found = violations.map(({ ruleName }) => ruleName.replace('AwsSolutions-', ''));
    expect(found).toEqual([
      'IAM5[Resource::*]',
      'IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:Cloudgather-direct:*]',
    ]);
  });

  it('goes to the URL of the deployment, if that is https', async () => {
    const at = (url: string) => stackOf({ ...filled, 'cloudgather:base-url:openai': url });
    const { stack: proxied } = await at('https://llm.example.com/v1/');
    const template = JSON.stringify(Template.fromStack(proxied).toJSON());
    expect(template).toContain('"https://llm.example.com/v1/chat/completions"');
    await expect(at('http://10.0.0.1/v1')).rejects.toThrow(/Step Functions calls https only/);
  });

  it('rejects a deployment that names no secret with the key in it', async () => {
    await expect(stackOf({})).rejects.toThrow(/complete ARN into the CDK context/);
  });
});
