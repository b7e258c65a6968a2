import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import type { ModelFunctionNeed } from '../../lib/asl/compiled.ts';
import { resources, stackOf } from './fixtures/synthesis.ts';
import { anthropic, compiled, openai, search } from './fixtures/workflows.ts';

const stack = stackOf(compiled('panel', openai, anthropic), {
  ...compiled('drafts', openai, search),
  resources: [{ kind: 'table', placeholder: 'RunTable', actions: ['GetItem', 'UpdateItem'] }],
});

describe('the stack', () => {
  it('tells the ARN of each workflow and the URL of the API', () => {
    const machine = (name: string) => ({
      Ref: expect.stringMatching(`^Cloudgather${name}Machine`),
    });
    expect(Template.fromStack(stack).toJSON().Outputs).toEqual({
      StateMachines: {
        Description: 'Workflow name to state machine ARN, as JSON',
        Value: {
          'Fn::Join': [
            '',
            ['{"panel":"', machine('panel'), '","drafts":"', machine('drafts'), '"}'],
          ],
        },
      },
      PayloadBucket: {
        Description: 'What is too large for the data of a run',
        Value: { Ref: expect.stringMatching('^CloudgatherFunctionsPayloadsBucket') },
      },
      ApiUrl: {
        Description: 'HTTP API; every request is signed (SigV4, service execute-api)',
        Value: { 'Fn::GetAtt': [expect.stringMatching('^CloudgatherApi'), 'ApiEndpoint'] },
      },
      TokenTable: {
        Description: 'Where the text of watched runs is told while it comes',
        Value: { Ref: expect.stringMatching('^CloudgatherFunctionsTokens') },
      },
    });
  });

  it('holds no value of a secret, and no dynamic reference to one', () => {
    const text = JSON.stringify(Template.fromStack(stack).toJSON());
    expect(text).not.toMatch(/SecretString|resolve:secretsmanager|resolve:ssm/);
    for (const { Properties } of Object.values(resources(stack, 'AWS::Lambda::Function'))) {
      for (const name of Object.keys(Properties.Environment?.Variables ?? {})) {
        expect([
          'CLOUDGATHER_PROVIDER',
          'CLOUDGATHER_KEY_SECRET_ARN',
          'CLOUDGATHER_LIMITER_TABLE',
          'CLOUDGATHER_STATE_MACHINES',
          'CLOUDGATHER_TOKEN_TABLE',
          'CLOUDGATHER_PAYLOADS',
        ]).toContain(name);
      }
    }
  });

  it('lets no role invoke anything but an alias', () => {
    const invoked = Object.values(resources(stack, 'AWS::IAM::Policy'))
      .flatMap((policy) => policy.Properties.PolicyDocument.Statement)
      .filter((statement) => JSON.stringify(statement.Action).includes('lambda:'))
      .flatMap((statement) => statement.Resource);
    expect(invoked).toHaveLength(4);
    for (const arn of invoked) {
      expect(arn).toEqual({
        Ref: expect.stringMatching(/^CloudgatherFunctions\w+Live[0-9A-F]{8}$/),
      });
    }
  });

  it('tags everything that it can with its own name', () => {
    const tagged = (type: string) =>
      Object.values(resources(stack, type)).map(({ Properties }) => Properties.Tags[0]);
    for (const type of ['AWS::Lambda::Function', 'AWS::IAM::Role', 'AWS::Logs::LogGroup']) {
      for (const tag of tagged(type)) {
        expect(tag).toEqual({ Key: 'cloudgather:stack', Value: 'Cloudgather' });
      }
    }
  });
});

/**
 * All that cdk-nag's AwsSolutions finds. A finding that is not in this list fails the test, and so
 * does one that is no longer found.
 */
const acknowledged = [
  {
    finding: 'SMG4',
    reason: 'The key of a provider is issued at the provider; Secrets Manager cannot rotate it.',
    at: ['Functions/Keys/openai', 'Functions/Keys/anthropic'],
  },
  {
    finding: 'S1',
    reason:
      'Access logs would need a second bucket, kept and paid for; who reads the objects of this one is ' +
      "told by CloudTrail's data events, where an account wants to know.",
    at: ['Functions/Payloads/Bucket/Resource'],
  },
  {
    finding: 'IAM5[Resource::*]',
    reason:
      'AWS gives no ARN to X-Ray segments, and none to the log deliveries of Step Functions: their ' +
      'actions are granted on * or not at all. The exact statements are asserted elsewhere.',
    at: [
      'Functions/model-openai/Role',
      'Functions/model-anthropic/Role',
      'Functions/task-search/Role',
      'panel/Role',
      'drafts/Role',
      'ApiFunction/Role',
    ],
  },
  {
    finding: 'IAM5[Resource::<CloudgatherFunctionsPayloadsBucket8AC9E1AA.Arn>/*]',
    reason:
      'What a step puts aside is named by its run and its content, which are known when it is. The ' +
      'bucket holds nothing else, and a function follows references of its own run only.',
    at: [
      'Functions/model-openai/Role',
      'Functions/model-anthropic/Role',
      'Functions/task-search/Role',
      'ApiFunction/Role',
    ],
  },
  {
    finding: `IAM5[Resource::${everyRunOf('drafts')}]`,
    reason: 'The API reads and stops every run of its own workflow; a run is named when it starts.',
    at: ['ApiFunction/Role'],
  },
  {
    finding: `IAM5[Resource::${everyRunOf('panel')}]`,
    reason: 'The API reads and stops every run of its own workflow; a run is named when it starts.',
    at: ['ApiFunction/Role'],
  },
];

function everyRunOf(name: string): string {
  return `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:Cloudgather-${name}:*`;
}

describe('cdk-nag AwsSolutions', () => {
  it('finds no wildcard in the grant of a Bedrock model', () => {
    const bedrock: ModelFunctionNeed = {
      kind: 'model',
      placeholder: 'ModelBedrock',
      name: 'model-bedrock',
      timeoutSeconds: 130,
      provider: 'bedrock',
      models: ['openai.gpt-oss-120b-1:0'],
    };
    const own = stackOf(compiled('rocks', bedrock));
    const { violations } = new AwsSolutionsChecks(own).validateScope(own);
    expect(JSON.stringify(violations)).not.toMatch(/foundation-model/);
    expect(JSON.stringify(violations)).toMatch(/IAM5\[Resource::\*\]/);
  });

  it('finds exactly what is acknowledged, each with its reason', () => {
    const { violations } = new AwsSolutionsChecks(stack).validateScope(stack);
    const found = violations.map(({ ruleName, violatingResources }) => ({
      finding: ruleName.replace('AwsSolutions-', ''),
      at: violatingResources.map(({ constructPath }) =>
        constructPath!
          .replace('Cloudgather/Cloudgather/', '')
          .replace('/DefaultPolicy/Resource', ''),
      ),
    }));
    expect(found).toEqual(acknowledged.map(({ finding, at }) => ({ finding, at })));
  });
});
