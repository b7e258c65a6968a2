import type { Json, JsonObject } from '../../json.ts';
import type { ExecutionStarter, StartedExecution } from '../integrations/start-execution.ts';
import { describeExecution } from './operation/describe-execution.ts';
import type { Service } from './service.ts';

/** Lets tasks of the service's own executions start other ones: `states:startExecution`. */
export function nestedExecutions(service: () => Service): ExecutionStarter {
  return {
    start(request) {
      const { executions } = service();
      const { arn, startDate } = executions.start(request);
      return {
        ...{ arn, startDate },
        ended: () => endOf(service(), arn),
        stop: () => executions.stop(arn, undefined, 'The task that waited for it was given up.'),
      } satisfies StartedExecution;
    },
  };
}

async function endOf(service: Service, arn: string): Promise<JsonObject> {
  await service.executions.running.get(arn)?.done;
  const place = { region: '', account: '' };
  const signal = new AbortController().signal;
  return pascal(await describeExecution({ executionArn: arn }, service, { place, signal }));
}

/** DescribeExecution's answer as a task's result has it: PascalCase names, times in milliseconds. */
function pascal(value: object): JsonObject {
  const entries = Object.entries(value as JsonObject)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => [`${name[0]?.toUpperCase()}${name.slice(1)}`, member(name, each)]);
  return Object.fromEntries(entries) as JsonObject;
}

function member(name: string, value: Json): Json {
  if (name.endsWith('Date') && typeof value === 'number') return Math.round(value * 1000);
  return typeof value === 'object' && value !== null ? pascal(value) : value;
}
