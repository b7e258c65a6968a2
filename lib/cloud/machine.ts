import { UsageError, WorkflowNotFound } from '../errors.ts';
import type { Manifest, ManifestWorkflow } from '../run/manifest.ts';

/** A deployed workflow, and where AWS keeps it. */
export interface Machine {
  readonly workflow: ManifestWorkflow;
  /** Of the state machine, or of one of its versions or aliases. */
  readonly arn: string;
  readonly region: string;
  /** Every execution's ARN is this and its name. */
  readonly executionPrefix: string;
}

/**
 * The deployed workflows of a manifest, by name. One without an ARN is left out.
 *
 * @throws UsageError for an ARN that is not one of a state machine.
 */
export function machinesOf(manifest: Manifest): ReadonlyMap<string, Machine> {
  const machines = new Map<string, Machine>();
  for (const workflow of manifest.workflows) {
    const arn = workflow.stateMachineArn;
    if (arn !== undefined) machines.set(workflow.name, machineOf(workflow, arn));
  }
  return machines;
}

function machineOf(workflow: ManifestWorkflow, arn: string): Machine {
  const match = /^(arn:[^:]+:states:([^:]+):\d{12}):stateMachine:([^:]+)(:[^:]+)?$/.exec(arn);
  if (!match) {
    throw new UsageError(
      `The manifest gives "${arn}" as the state machine of workflow "${workflow.name}". ` +
        'An ARN of the form "arn:aws:states:<region>:<account>:stateMachine:<name>" is needed: ' +
        'write the manifest anew from the outputs of the deployment.',
    );
  }
  const [, place, region, name] = match;
  return {
    workflow,
    arn,
    region: region as string,
    executionPrefix: `${place}:execution:${name}:`,
  };
}

/** @throws WorkflowNotFound when the manifest does not name it, or has no ARN for it. */
export function machineNamed(
  manifest: Manifest,
  machines: ReadonlyMap<string, Machine>,
  name: string,
): Machine {
  const machine = machines.get(name);
  if (machine) return machine;
  if (manifest.workflows.some((workflow) => workflow.name === name)) {
    throw new WorkflowNotFound(
      `Workflow "${name}" is not deployed: the manifest has no state machine for it. ` +
        'Deploy it with "npx cdk deploy" and use the manifest that this writes.',
    );
  }
  const known = [...machines.keys()].map((each) => `"${each}"`).join(', ') || 'none';
  throw new WorkflowNotFound(`There is no workflow "${name}" in AWS. Deployed: ${known}.`);
}
