import { LimitExceeded } from '../errors.ts';
import type { Json } from '../json.ts';

/** Step Functions quotas (AWS docs: "Service quotas", state machine definitions and payloads). */
const maxDefinitionBytes = 1024 * 1024;
const maxPayloadBytes = 256 * 1024;

/** Whether Step Functions takes a definition of this length. */
export function fits(definition: string): boolean {
  return Buffer.byteLength(definition) <= maxDefinitionBytes;
}

/** @throws LimitExceeded */
export function checkDefinition(definition: string, workflow: string): void {
  const bytes = Buffer.byteLength(definition);
  if (fits(definition)) return;
  throw new LimitExceeded(
    `The document of workflow '${workflow}' has ${bytes} bytes; Step Functions takes at most ${maxDefinitionBytes}. ` +
      'Move long fixed texts (instructions, schemas) into a task, or split the workflow.',
  );
}

/** What is fixed in a step's input is a lower bound of what it will be. @throws LimitExceeded */
export function checkPayload(payload: Json, state: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (bytes <= maxPayloadBytes) return;
  throw new LimitExceeded(
    `The input of step '${state}' has at least ${bytes} bytes; Step Functions takes at most ${maxPayloadBytes} (256 KiB). ` +
      'Shorten it, or let the step fetch it itself.',
  );
}
