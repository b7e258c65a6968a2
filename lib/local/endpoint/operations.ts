import { createActivity } from './operation/create-activity.ts';
import { createStateMachine } from './operation/create-state-machine.ts';
import { createStateMachineAlias } from './operation/create-state-machine-alias.ts';
import { deleteActivity } from './operation/delete-activity.ts';
import { deleteStateMachine } from './operation/delete-state-machine.ts';
import { deleteStateMachineAlias } from './operation/delete-state-machine-alias.ts';
import { deleteStateMachineVersion } from './operation/delete-state-machine-version.ts';
import { describeActivity } from './operation/describe-activity.ts';
import { describeExecution } from './operation/describe-execution.ts';
import { describeMapRun } from './operation/describe-map-run.ts';
import { describeStateMachine } from './operation/describe-state-machine.ts';
import { describeStateMachineAlias } from './operation/describe-state-machine-alias.ts';
import { describeStateMachineForExecution } from './operation/describe-state-machine-for-execution.ts';
import { getActivityTask } from './operation/get-activity-task.ts';
import { getExecutionHistory } from './operation/get-execution-history.ts';
import { listActivities } from './operation/list-activities.ts';
import { listExecutions } from './operation/list-executions.ts';
import { listMapRuns } from './operation/list-map-runs.ts';
import { listStateMachineAliases } from './operation/list-state-machine-aliases.ts';
import { listStateMachineVersions } from './operation/list-state-machine-versions.ts';
import { listStateMachines } from './operation/list-state-machines.ts';
import { listTagsForResource } from './operation/list-tags-for-resource.ts';
import { publishStateMachineVersion } from './operation/publish-state-machine-version.ts';
import { redriveExecution } from './operation/redrive-execution.ts';
import { sendTaskFailure } from './operation/send-task-failure.ts';
import { sendTaskHeartbeat } from './operation/send-task-heartbeat.ts';
import { sendTaskSuccess } from './operation/send-task-success.ts';
import { startExecution } from './operation/start-execution.ts';
import { startSyncExecution } from './operation/start-sync-execution.ts';
import { stopExecution } from './operation/stop-execution.ts';
import { tagResource } from './operation/tag-resource.ts';
import { testState } from './operation/test-state.ts';
import { untagResource } from './operation/untag-resource.ts';
import { updateMapRun } from './operation/update-map-run.ts';
import { updateStateMachine } from './operation/update-state-machine.ts';
import { updateStateMachineAlias } from './operation/update-state-machine-alias.ts';
import { validateStateMachineDefinition } from './operation/validate-state-machine-definition.ts';
import type { Operation } from './operation.ts';

/** The operations of the API (AWS Step Functions, 2016-11-23), by name: all that there are. */
export const operations: Readonly<Record<string, Operation>> = {
  CreateActivity: createActivity,
  CreateStateMachine: createStateMachine,
  CreateStateMachineAlias: createStateMachineAlias,
  DeleteActivity: deleteActivity,
  DeleteStateMachine: deleteStateMachine,
  DeleteStateMachineAlias: deleteStateMachineAlias,
  DeleteStateMachineVersion: deleteStateMachineVersion,
  DescribeActivity: describeActivity,
  DescribeExecution: describeExecution,
  DescribeMapRun: describeMapRun,
  DescribeStateMachine: describeStateMachine,
  DescribeStateMachineAlias: describeStateMachineAlias,
  DescribeStateMachineForExecution: describeStateMachineForExecution,
  GetActivityTask: getActivityTask,
  GetExecutionHistory: getExecutionHistory,
  ListActivities: listActivities,
  ListExecutions: listExecutions,
  ListMapRuns: listMapRuns,
  ListStateMachineAliases: listStateMachineAliases,
  ListStateMachineVersions: listStateMachineVersions,
  ListStateMachines: listStateMachines,
  ListTagsForResource: listTagsForResource,
  PublishStateMachineVersion: publishStateMachineVersion,
  RedriveExecution: redriveExecution,
  SendTaskFailure: sendTaskFailure,
  SendTaskHeartbeat: sendTaskHeartbeat,
  SendTaskSuccess: sendTaskSuccess,
  StartExecution: startExecution,
  StartSyncExecution: startSyncExecution,
  StopExecution: stopExecution,
  TagResource: tagResource,
  TestState: testState,
  UntagResource: untagResource,
  UpdateMapRun: updateMapRun,
  UpdateStateMachine: updateStateMachine,
  UpdateStateMachineAlias: updateStateMachineAlias,
  ValidateStateMachineDefinition: validateStateMachineDefinition,
};
