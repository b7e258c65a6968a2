import {
  TestStateRefused,
  type TestStateRequest,
  type TestStateResult,
} from '../../../engine/test-state/request.ts';
import { testState as runTest } from '../../../engine/test-state/test-state.ts';
import type { Variables } from '../../../engine/variables.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { executionInput } from '../execution-input.ts';
import { flag, type InputOf, oneOf, optional, record, whole } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { invalidExecutionInput, ServiceError, validationException } from '../service-error.ts';

const input = {
  definition: fields.definition,
  stateName: optional(fields.name),
  roleArn: optional(fields.arn),
  input: optional(fields.payload),
  inspectionLevel: optional(oneOf('INFO', 'DEBUG', 'TRACE')),
  revealSecrets: optional(flag),
  variables: optional(fields.payload),
  context: optional(fields.payload),
  mock: optional(
    record({
      result: optional(fields.payload),
      errorOutput: optional(
        record({ error: optional(fields.errorName), cause: optional(fields.cause) }),
      ),
      fieldValidationMode: optional(oneOf('STRICT', 'PRESENT', 'NONE')),
    }),
  ),
  stateConfiguration: optional(
    record({
      retrierRetryCount: optional(whole(0)),
      errorCausedByState: optional(fields.name),
      mapIterationFailureCount: optional(whole(0)),
      mapItemReaderData: optional(fields.payload),
    }),
  ),
};

/** Runs one state by itself, mocked or for real, and tells its data step by step. */
export const testState = operation(input, async (request, service) => {
  if (request.revealSecrets && request.mock)
    throw validationException('TestState does not support RevealSecrets when a mock is specified.');
  try {
    const ports = { tasks: service.tasks, clock: service.clock };
    return shown(await runTest(parsedRequest(request), ports));
  } catch (error) {
    if (error instanceof TestStateRefused) throw new ServiceError(error.name, error.message);
    throw error;
  }
});

function parsedRequest(request: InputOf<typeof input>): TestStateRequest {
  const { mock, stateConfiguration } = request;
  return {
    ...pick(request),
    input: JSON.parse(executionInput(request.input)) as Json,
    context: object('context', request.context),
    variables: object('variables', request.variables) as Variables | undefined,
    mock: mock && {
      result: json('mock.result', mock.result),
      errorOutput: mock.errorOutput,
    },
    stateConfiguration: stateConfiguration && {
      ...stateConfiguration,
      mapItemReaderData: json('mapItemReaderData', stateConfiguration.mapItemReaderData),
    },
  };
}

function pick(request: InputOf<typeof input>): TestStateRequest {
  const { definition, stateName, roleArn, inspectionLevel, revealSecrets } = request;
  return { definition, stateName, roleArn, inspectionLevel, revealSecrets };
}

function json(member: string, text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(executionInput(text)) as Json;
  } catch {
    throw invalidExecutionInput(`The member '${member}' must be JSON text.`);
  }
}

function object(member: string, text: string | undefined): JsonObject | undefined {
  const value = json(member, text);
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as JsonObject;
  throw invalidExecutionInput(`The member '${member}' must be a JSON object.`);
}

/** Members of inspectionData that are numbers or structures; all others are JSON text. */
const PLAIN: ReadonlySet<string> = new Set([
  'maxConcurrency',
  'toleratedFailureCount',
  'toleratedFailurePercentage',
  'errorDetails',
  'request',
  'response',
]);

function shown({ output, inspectionData, ...rest }: TestStateResult): object {
  const data =
    inspectionData &&
    Object.fromEntries(
      Object.entries(inspectionData).map(([name, value]) => [
        name,
        PLAIN.has(name) ? value : JSON.stringify(value),
      ]),
    );
  return {
    ...rest,
    output: output === undefined ? undefined : JSON.stringify(output),
    inspectionData: data,
  };
}
