/** The workflow types of Step Functions. */
export type ExecutionType = 'STANDARD' | 'EXPRESS';
