import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileWorkflow, model, workflow } from '../../lib/index.ts';
import type { Lane } from '../../lib/model/lane.ts';
import { resources, stackOf } from './fixtures/synthesis.ts';

const input = z.object({ question: z.string() });

/** One workflow, whose models are asked in these lanes. */
async function stackIn(...lanes: readonly Lane[]) {
  const flow = await workflow('night', { input }, async ({ question }) => {
    let said = question as never;
    for (const lane of lanes) {
      const ask = model({ model: 'openai:gpt-5-mini', lane, timeout: 880 });
      said = (await ask({ prompt: said })) as never;
    }
    return said;
  });
  return stackOf(compileWorkflow(flow));
}

const batch = await stackIn('batch');
const others = await stackIn('background', 'sync');

describe('a workflow with a call in a batch', () => {
  it('has the functions of the background, and the one that makes the sync call', () => {
    const functions = Object.keys(resources(batch, 'AWS::Lambda::Function'));
    expect(functions.filter((name) => /background|Functionsmodel/.test(name)).sort()).toEqual([
      'CloudgatherFunctionsbackgroundopenaiSubmitFunction',
      'CloudgatherFunctionsbackgroundopenaiSweepFunction',
      'CloudgatherFunctionsbackgroundopenaiWebhookFunction',
      'CloudgatherFunctionsmodelopenaiFunction',
    ]);
    const policy = resources(batch, 'AWS::IAM::Policy').CloudgathernightRoleDefaultPolicy!;
    const invoked = policy.Properties.PolicyDocument.Statement.filter(
      ({ Action }: { Action: unknown }) => Action === 'lambda:InvokeFunction',
    ).flatMap(({ Resource }: { Resource: unknown }) => Resource);
    expect(invoked).toEqual([
      { Ref: expect.stringMatching('^CloudgatherFunctionsbackgroundopenaiSubmitLive') },
      { Ref: expect.stringMatching('^CloudgatherFunctionsmodelopenaiLive') },
    ]);
  });

  it('may do what a workflow with those two lanes may, to the letter', () => {
    const types = [
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::Events::Rule',
      'AWS::DynamoDB::Table',
      'AWS::SecretsManager::Secret',
      'AWS::ApiGatewayV2::Route',
    ];
    for (const type of types) {
      const found = resources(batch, type);
      expect(Object.keys(found).length).toBeGreaterThan(0);
      expect(found).toEqual(resources(others, type));
    }
  });

  it('has no finding of cdk-nag that those have not', () => {
    const findings = (of: typeof batch) =>
      new AwsSolutionsChecks(of)
        .validateScope(of)
        .violations.flatMap(({ ruleName, violatingResources }) =>
          violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
        );
    expect(findings(batch).length).toBeGreaterThan(0);
    expect(findings(batch).sort()).toEqual(findings(others).sort());
  });
});
