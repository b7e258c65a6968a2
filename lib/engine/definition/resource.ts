import type { FieldCheck } from './field-check.ts';

const LAMBDA = /^arn:[\w-]+:lambda:[\w-]*:[\w-]*:function:[\w:$-]+$/;
const ACTIVITY = /^arn:[\w-]+:states:[\w-]+:\d+:activity:.+$/;
const INTEGRATION =
  /^arn:[\w-]+:states:[\w-]*:(?:\d*):([\w-]+):([\w-]+)(?::([\w-]+))?(\.sync(?::2)?|\.waitForTaskToken)?$/;

/** The optimized integrations (AWS docs, "Integrating services"): service to its actions. */
const OPTIMIZED: ReadonlyMap<string, readonly string[]> = new Map([
  ['apigateway', ['invoke']],
  ['athena', ['startQueryExecution', 'stopQueryExecution', 'getQueryExecution', 'getQueryResults']],
  ['batch', ['submitJob']],
  ['bedrock', ['invokeModel', 'createModelCustomizationJob']],
  [
    'codebuild',
    [
      'startBuild',
      'stopBuild',
      'batchDeleteBuilds',
      'batchGetReports',
      'startBuildBatch',
      'stopBuildBatch',
      'retryBuildBatch',
      'deleteBuildBatch',
    ],
  ],
  ['databrew', ['startJobRun']],
  ['dynamodb', ['getItem', 'putItem', 'deleteItem', 'updateItem']],
  ['ecs', ['runTask']],
  [
    'eks',
    [
      'call',
      'runJob',
      'createCluster',
      'deleteCluster',
      'createFargateProfile',
      'deleteFargateProfile',
      'createNodegroup',
      'deleteNodegroup',
    ],
  ],
  [
    'elasticmapreduce',
    [
      'createCluster',
      'terminateCluster',
      'addStep',
      'cancelStep',
      'setClusterTerminationProtection',
      'modifyInstanceFleetByName',
      'modifyInstanceGroupByName',
    ],
  ],
  ['emr-containers', ['createVirtualCluster', 'deleteVirtualCluster', 'startJobRun']],
  [
    'emr-serverless',
    [
      'createApplication',
      'startApplication',
      'stopApplication',
      'deleteApplication',
      'startJobRun',
      'cancelJobRun',
    ],
  ],
  ['events', ['putEvents']],
  ['glue', ['startJobRun']],
  ['http', ['invoke']],
  ['lambda', ['invoke']],
  ['mediaconvert', ['createJob']],
  [
    'sagemaker',
    [
      'createEndpoint',
      'createEndpointConfig',
      'createHyperParameterTuningJob',
      'createLabelingJob',
      'createModel',
      'createProcessingJob',
      'createTrainingJob',
      'createTransformJob',
      'updateEndpoint',
    ],
  ],
  ['sns', ['publish']],
  ['sqs', ['sendMessage']],
  ['states', ['startExecution']],
]);

/** Resource: a Lambda function, an activity, an optimized integration or `aws-sdk:service:action`. */
export const resource: FieldCheck = (value, site) => {
  const arn = typeof value === 'string' ? value : '';
  const pattern = recognized(arn);
  if (pattern === undefined) {
    site.fail(
      `The resource provided ${arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
  } else if (site.express && pattern.startsWith('.sync')) {
    site.fail("Express state machine does not support '.sync' service integration");
  } else if (site.express && pattern === '.waitForTaskToken') {
    site.fail("Express state machine does not support '.waitForTaskToken' service integration ");
  } else if (site.express && pattern === 'activity') {
    site.fail('Express state machine does not support activities');
  }
};

/** The integration pattern ('' for request and response), or undefined for what is no resource. */
function recognized(arn: string): string | undefined {
  if (LAMBDA.test(arn)) {
    return '';
  }
  if (ACTIVITY.test(arn)) {
    return 'activity';
  }
  const [, service, action, sdkAction, pattern = ''] = INTEGRATION.exec(arn) ?? [];
  if (service === undefined || action === undefined) {
    return undefined;
  }
  if (service === 'aws-sdk') {
    return sdkAction === undefined ? undefined : pattern;
  }
  const known = sdkAction === undefined && OPTIMIZED.get(service)?.includes(action);
  return known ? pattern : undefined;
}
