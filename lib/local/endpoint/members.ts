import { flag, list, oneOf, optional, record, text } from './field.ts';

/** Members that several operations share, with the constraints of AWS's API model (2016-11-23). */
export const arn = text({ max: 256 });
export const longArn = text({ max: 2_000 });
export const name = text({ max: 80 });
export const definition = text({ max: 1_048_576, secret: true });
/** ValidateStateMachineDefinition looks at an empty definition too. */
export const anyDefinition = text({ min: 0, max: 1_048_576, secret: true });
export const payload = text({ min: 0, max: 262_144, secret: true });
export const errorName = text({ min: 0, max: 256, secret: true });
export const cause = text({ min: 0, max: 32_768, secret: true });
export const taskToken = text({ max: 2_048, secret: true });
export const description = text({ min: 0, max: 256 });
export const machineType = oneOf('STANDARD', 'EXPRESS');
export const includedData = oneOf('METADATA_ONLY', 'ALL_DATA');
export const traceHeader = text({
  min: 0,
  max: 256,
  pattern: /^[\0-\x7f]*$/,
  shownPattern: '\\p{ASCII}*',
});

export const tags = list(
  record({ key: text({ max: 128 }), value: optional(text({ min: 0, max: 256 })) }),
);

export const loggingConfiguration = record({
  level: optional(oneOf('ALL', 'ERROR', 'FATAL', 'OFF')),
  includeExecutionData: optional(flag),
  destinations: optional(
    list(record({ cloudWatchLogsLogGroup: optional(record({ logGroupArn: optional(arn) })) })),
  ),
});

export const tracingConfiguration = record({ enabled: optional(flag) });

export const encryptionConfiguration = record({
  type: oneOf('AWS_OWNED_KEY', 'CUSTOMER_MANAGED_KMS_KEY'),
});
