import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { CompiledWorkflow, ResourceNeed } from '../asl/compiled.ts';
import { WorkflowInvalid } from '../errors.ts';
import { allowBucket } from './bucket-grants.ts';
import { allowExecutions } from './execution-grants.ts';
import { machineName } from './machine-name.ts';
import type { ModelConnection } from './model-connection.ts';
import type { RunTable } from './run-table.ts';

/** What the workflows of a stack may need besides functions; each is there where one of them does. */
export interface StackResources {
  readonly table?: RunTable | undefined;
  /** The names of the state machines that the stack has, by their workflows. */
  readonly machines?: ReadonlyMap<string, string>;
  /** By their providers. */
  readonly connections?: ReadonlyMap<string, ModelConnection>;
}

/** The providers that Step Functions itself calls in one of the workflows, each once. */
export function calledProviders(workflows: readonly CompiledWorkflow[]): ReadonlySet<string> {
  const needs = workflows.flatMap(({ resources = [] }) => resources);
  return new Set(needs.flatMap((need) => (need.kind === 'connection' ? [need.provider] : [])));
}

/** Whether one of the workflows needs a resource of that kind. */
export function anyNeeds(
  workflows: readonly CompiledWorkflow[],
  kind: ResourceNeed['kind'],
): boolean {
  return workflows.some(({ resources = [] }) => resources.some((need) => need.kind === kind));
}

/**
 * Lets the role of a workflow use what its document needs, and no more.
 * @returns what stands for the placeholders in the document
 * @throws WorkflowInvalid where the stack does not have it
 */
export function grantResources(
  role: IRole,
  { name, resources = [] }: CompiledWorkflow,
  { table, machines, connections }: StackResources,
): Readonly<Record<string, string>> {
  const substitutions: Record<string, string> = {};
  for (const need of resources) {
    if (need.kind === 'bucket') {
      allowBucket(role, need);
      continue;
    }
    const machine = need.kind === 'workflow' ? machines?.get(need.workflow) : undefined;
    if (need.kind === 'workflow' && machine !== undefined) {
      substitutions[need.placeholder] = allowExecutions(role, machine);
      continue;
    }
    const connection = need.kind === 'connection' ? connections?.get(need.provider) : undefined;
    if (need.kind === 'connection' && connection !== undefined) {
      Object.assign(substitutions, connection.letCall(role, machineName(role, name), need));
      continue;
    }
    if (need.kind !== 'table' || table === undefined) {
      throw new WorkflowInvalid(
        need.kind === 'workflow'
          ? `The workflow "${name}" starts executions of "${need.workflow}", which this stack does not have. Export it from a module in workflows/, so that both are deployed.`
          : `The workflow "${name}" needs a ${need.kind} that this stack does not have. ` +
              'Make its construct with Cloudgather, which makes what its workflows need.',
      );
    }
    table.allow(role, need.actions);
    substitutions[need.placeholder] = table.name;
  }
  return substitutions;
}
