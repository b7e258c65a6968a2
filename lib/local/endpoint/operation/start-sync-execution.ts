import { optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { typeNotSupported } from '../service-error.ts';
import { seconds } from '../shown-time.ts';

/** AWS bills Express executions in steps of 100 ms and 64 MB. */
const BILLED_STEP = 100;

/** Runs an Express execution and answers when it has ended; a failed one is no error of the call. */
export const startSyncExecution = operation(
  {
    stateMachineArn: fields.arn,
    name: optional(fields.name),
    input: optional(fields.payload),
    traceHeader: optional(fields.traceHeader),
    includedData: optional(fields.includedData),
  },
  async ({ stateMachineArn, includedData, ...request }, { executions, machines, clock }) => {
    const target = machines.resolve(stateMachineArn);
    if (target.machine.type !== 'EXPRESS') throw typeNotSupported();
    const { identity, input, done } = executions.startExpress(
      { ...request, arn: stateMachineArn },
      target,
    );
    const outcome = await done;
    const stopDate = clock.now();
    const included = includedData !== 'METADATA_ONLY';
    const steps = Math.max(1, Math.ceil((stopDate - identity.startTime) / BILLED_STEP));
    const { output, ...rest } = 'output' in outcome ? outcome : { ...outcome, output: undefined };
    return {
      executionArn: identity.executionArn,
      stateMachineArn: target.machine.arn,
      name: identity.name,
      startDate: seconds(identity.startTime),
      stopDate: seconds(stopDate),
      ...rest,
      traceHeader: request.traceHeader,
      ...(included && { input: input.text, output }),
      inputDetails: { included },
      ...(output !== undefined && { outputDetails: { included } }),
      billingDetails: {
        billedMemoryUsedInMB: 64,
        billedDurationInMilliseconds: steps * BILLED_STEP,
      },
    };
  },
);
