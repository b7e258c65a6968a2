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
  /** The table with the tokens of its runs that are watched. Absent: there is none. */
  readonly tokenTable?: string | undefined;
  /** Where its runs put what is too large for their data. Known after a deployment. */
  readonly payloadBucket?: string | undefined;
}

/**
 * The manifest with the ARNs of a deployment; a workflow that is not deployed stays without one.
 * @param deployed what the deployment has for all of them
 */
export function withStateMachines(
  manifest: Manifest,
  arns: Readonly<Record<string, string>>,
  deployed: Pick<ManifestWorkflow, 'tokenTable' | 'payloadBucket'> = {},
): Manifest {
  const workflows = manifest.workflows.map((workflow) => {
    const stateMachineArn = arns[workflow.name];
    if (stateMachineArn === undefined) return workflow;
    return { ...workflow, stateMachineArn, ...deployed };
  });
  return { ...manifest, workflows };
}
