import { createEngine } from '../../../lib/engine/engine.ts';
import type { ExecutionOutcome } from '../../../lib/engine/execution.ts';
import { loadMachine } from '../../../lib/engine/machine.ts';
import type { Json } from '../../../lib/json.ts';
import {
  createIntegrations,
  type IntegrationOptions,
} from '../../../lib/local/integrations/integrations.ts';

/** Runs one Task of this resource and gives its result. @throws the outcome when it fails. */
export async function runTask(
  resource: string,
  parameters: Json,
  options: IntegrationOptions,
  more: object = {},
): Promise<Json> {
  const outcome = await outcomeOf(resource, parameters, options, more);
  if (outcome.status !== 'SUCCEEDED') throw outcome;
  return JSON.parse(outcome.output) as Json;
}

/** Runs one Task of this resource and tells how the execution ended. */
export async function outcomeOf(
  resource: string,
  parameters: Json,
  options: IntegrationOptions,
  more: object = {},
): Promise<ExecutionOutcome> {
  const tasks = createIntegrations(options);
  const Resource = resource.startsWith('arn:') ? resource : `arn:aws:states:::${resource}`;
  const state = { Type: 'Task', Resource, Arguments: parameters, End: true, ...more };
  const definition = { QueryLanguage: 'JSONata', StartAt: 'Do', States: { Do: state } };
  const machine = loadMachine(definition, { refuse: (arn) => tasks.refuse(arn) });
  return await createEngine({ tasks }).start(machine).done;
}

/** What serving this resource is refused with; undefined when it is not. */
export function refusal(resource: string, options: IntegrationOptions): string | undefined {
  return createIntegrations(options).refuse(`arn:aws:states:::${resource}`);
}
