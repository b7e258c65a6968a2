import type { JsonSchema } from '../json.ts';

/**
 * What others need to know of the workflows, written at synth: the API function, the clients and
 * `--aws` read it and never import a workflow module.
 */
export interface Manifest {
  readonly version: 1;
  readonly workflows: readonly ManifestWorkflow[];
}

export interface ManifestWorkflow {
  readonly name: string;
  readonly description: string | null;
  readonly inputSchema: JsonSchema;
  /** SHA-256 of the document, hex. */
  readonly definitionHash: string;
  /** Known after a deployment. */
  readonly stateMachineArn?: string;
}

/**
 * The manifest as a deployment made it true. `arns` is workflow name to state machine ARN, as the
 * stack's output `StateMachines` and the API function's environment hold it; a workflow that is not
 * in it keeps what it has.
 */
export function withStateMachines(
  manifest: Manifest,
  arns: Readonly<Record<string, string>>,
): Manifest {
  const workflows = manifest.workflows.map((workflow) => {
    const stateMachineArn = Object.hasOwn(arns, workflow.name) ? arns[workflow.name] : undefined;
    return stateMachineArn === undefined ? workflow : { ...workflow, stateMachineArn };
  });
  return { ...manifest, workflows };
}
