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
