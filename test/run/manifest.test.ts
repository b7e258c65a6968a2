import { describe, expect, it } from 'vitest';
import { type Manifest, type ManifestWorkflow, withStateMachines } from '../../lib/run/manifest.ts';

const workflow = (name: string): ManifestWorkflow => ({
  name,
  description: null,
  inputSchema: {},
  definitionHash: '',
});
const manifest = (...workflows: ManifestWorkflow[]): Manifest => ({ version: 1, workflows });
const arn = 'arn:aws:states:eu-central-1:123456789012:stateMachine:Cloudgather-panel';

describe('the manifest of a deployment', () => {
  it('has the ARN of each workflow that is deployed', () => {
    expect(withStateMachines(manifest(workflow('panel')), { panel: arn })).toEqual(
      manifest({ ...workflow('panel'), stateMachineArn: arn }),
    );
  });

  it('leaves a workflow that is not deployed without one', () => {
    // 'constructor' is a name that a workflow may have.
    const before = manifest(workflow('drafts'), workflow('constructor'));
    expect(withStateMachines(before, { panel: arn })).toEqual(before);
  });
});
