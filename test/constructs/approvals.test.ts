import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { resources, stackOf } from './fixtures/synthesis.ts';
import { approval, compiled, openai } from './fixtures/workflows.ts';

const stack = stackOf(compiled('review', openai, approval), compiled('panel', openai));

const secret = { Ref: expect.stringMatching('^CloudgatherLinksSecret') };
const table = { 'Fn::GetAtt': [expect.stringMatching('^CloudgatherRunTable'), 'Arn'] };
const tableName = { Ref: expect.stringMatching('^CloudgatherRunTable') };

const payloads = {
  'Fn::Join': ['', ['s3://', { Ref: expect.stringMatching('^CloudgatherFunctionsPayloads') }]],
};
const reading = allowed('s3:GetObject', {
  'Fn::Join': [
    '',
    [{ 'Fn::GetAtt': [expect.stringMatching('^CloudgatherFunctionsPayloads'), 'Arn'] }, '/*'],
  ],
});

/** What a function's role may do, without writing its log and X-Ray: CDK joins what is on *. */
function statements(role: string): unknown[] {
  const policy = resources(stack, 'AWS::IAM::Policy')[`Cloudgather${role}RoleDefaultPolicy`];
  return policy!.Properties.PolicyDocument.Statement.flatMap(
    ({ Action, ...rest }: { Action: string | string[] }) => {
      const actions = [Action].flat().filter((action) => !/^(logs|xray):/.test(action));
      return actions.length === 0
        ? []
        : [{ Action: actions.length === 1 ? actions[0] : actions, ...rest }];
    },
  );
}

function environment(name: string): Record<string, unknown> {
  const found = resources(stack, 'AWS::Lambda::Function')[`Cloudgather${name}Function`];
  return found!.Properties.Environment?.Variables ?? {};
}

function allowed(Action: string | string[], Resource: unknown) {
  return { Action, Effect: 'Allow', Resource };
}

/** Of the machine that asks, and of no other. */
const answering = allowed('states:SendTaskSuccess', {
  Ref: expect.stringMatching('^CloudgatherreviewMachine'),
});

describe('what asks people', () => {
  it('may write a question, read what signs links, and announce it as itself', () => {
    expect(statements('Functionsapproval')).toEqual([
      allowed('secretsmanager:GetSecretValue', secret),
      reading,
      allowed('dynamodb:PutItem', table),
      {
        ...allowed('events:PutEvents', {
          'Fn::Join': [
            '',
            [
              'arn:',
              { Ref: 'AWS::Partition' },
              ':events:',
              { Ref: 'AWS::Region' },
              ':',
              { Ref: 'AWS::AccountId' },
              ':event-bus/default',
            ],
          ],
        }),
        Condition: {
          StringEquals: {
            'events:source': 'cloudgather',
            'events:detail-type': 'Cloudgather Approval Requested',
          },
        },
      },
    ]);
    expect(environment('Functionsapproval')).toEqual({
      CLOUDGATHER_LINK_SECRET_ARN: secret,
      CLOUDGATHER_LINK_BASE: {
        'Fn::GetAtt': [expect.stringMatching('^CloudgatherApi'), 'ApiEndpoint'],
      },
      CLOUDGATHER_RUN_TABLE: tableName,
      CLOUDGATHER_PAYLOADS: payloads,
    });
  });
});

describe('what takes answers', () => {
  it('may note the answer and tell it, and cannot sign a link', () => {
    expect(statements('approvallink')).toEqual([
      reading,
      allowed(['dynamodb:GetItem', 'dynamodb:UpdateItem'], table),
      answering,
    ]);
    expect(environment('approvallink')).toEqual({
      CLOUDGATHER_RUN_TABLE: tableName,
      CLOUDGATHER_PAYLOADS: payloads,
    });
  });

  it('is reached by links of which an authorizer has checked the signature, each time', () => {
    const routes = Object.values(resources(stack, 'AWS::ApiGatewayV2::Route'));
    const linked = routes.filter(({ Properties }) => Properties.AuthorizationType === 'CUSTOM');
    expect(linked.map(({ Properties }) => Properties.RouteKey).sort()).toEqual([
      'GET /approvals/{id}',
      'POST /approvals/{id}',
    ]);
    for (const { Properties } of routes)
      expect(Properties.AuthorizationType).toMatch(/AWS_IAM|CUSTOM/);
    const [authorizer, ...others] = Object.values(
      resources(stack, 'AWS::ApiGatewayV2::Authorizer'),
    );
    expect(others).toEqual([]);
    expect(authorizer!.Properties).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: ['$request.querystring.signature'],
    });
    expect(statements('LinksAuthorizer')).toEqual([
      allowed('secretsmanager:GetSecretValue', secret),
    ]);
  });
});

describe('the secret that signs links', () => {
  it('is made by Secrets Manager, stands in no template and no environment, and goes with the stack', () => {
    const found = resources(stack, 'AWS::SecretsManager::Secret').CloudgatherLinksSecret!;
    expect(found.Properties).toMatchObject({
      Name: 'cloudgather/links',
      GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
    });
    expect(found.DeletionPolicy).toBe('Delete');
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(
      /resolve:secretsmanager|CLOUDGATHER_LINK_SECRET"/,
    );
  });

  it('is not made where nobody is asked', () => {
    const quiet = stackOf(compiled('panel', openai));
    expect(resources(quiet, 'AWS::SecretsManager::Secret')).not.toHaveProperty(
      'CloudgatherLinksSecret',
    );
    expect(resources(quiet, 'AWS::ApiGatewayV2::Authorizer')).toEqual({});
    expect(resources(quiet, 'AWS::DynamoDB::Table')).not.toHaveProperty('CloudgatherRunTableTable');
  });
});

describe('the API function', () => {
  it('may tell an answer, where a workflow asks', () => {
    expect(statements('ApiFunction')).toContainEqual(answering);
  });
});

/** Why cdk-nag's findings are as they should be: those that come with approvals. */
const acknowledged = {
  SMG4: 'What signs links cannot be rotated: the links that are out would no longer be good.',
  'IAM5[Resource::*]': 'X-Ray has no ARN.',
  'IAM5[Resource::<payloads>/*]':
    'What is put aside is named by run and content, which are known when it is.',
};

/** 'SMG4 at Links/Secret' */
function findings(of: Stack): string[] {
  const { violations } = new AwsSolutionsChecks(of).validateScope(of);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => {
      const at = constructPath!.replace('Cloudgather/Cloudgather/', '');
      const finding = ruleName
        .replace('AwsSolutions-', '')
        .replace(/<\w*Payloads\w*\.Arn>/, '<payloads>');
      return `${finding} at ${at.replace('/DefaultPolicy/Resource', '')}`;
    }),
  );
}

it('adds no finding of cdk-nag but those that are acknowledged', () => {
  const quiet = new Set(findings(stackOf(compiled('review', openai), compiled('panel', openai))));
  const added = findings(stack).filter((finding) => !quiet.has(finding));
  expect(added.sort()).toEqual([
    'IAM5[Resource::*] at Functions/approval/Role',
    'IAM5[Resource::*] at Links/Authorizer/Role',
    'IAM5[Resource::*] at approval-link/Role',
    'IAM5[Resource::<payloads>/*] at Functions/approval/Role',
    'IAM5[Resource::<payloads>/*] at approval-link/Role',
    'SMG4 at Links/Secret',
  ]);
  for (const finding of added) expect(acknowledged).toHaveProperty([finding.split(' at ')[0]!]);
});
