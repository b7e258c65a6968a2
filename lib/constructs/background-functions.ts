import { Duration } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { Rule, type RuleProps, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { backgroundFunctions } from '../asl/background-functions.ts';
import type { SubmitFunctionNeed } from '../asl/compiled.ts';
import { answeredMachines } from './answered-machines.ts';
import type { BackgroundBundles } from './function-bundles.ts';
import type { GatherWorkflow } from './gather-workflow.ts';
import type { LinkRoute } from './http-api.ts';
import type { LimiterTable } from './limiter-table.ts';
import { ModelFunction } from './model-function.ts';
import type { PayloadBucket } from './payload-bucket.ts';
import type { ProviderKeys } from './provider-keys.ts';
import type { RunTable } from './run-table.ts';

export interface BackgroundFunctionsProps {
  readonly need: SubmitFunctionNeed;
  readonly bundles: BackgroundBundles;
  readonly keys: ProviderKeys;
  readonly limiter?: LimiterTable | undefined;
  readonly table: RunTable;
  /** Default: nothing is put aside. */
  readonly payloads?: PayloadBucket | undefined;
}

/**
 * What serves one provider's lanes 'background' and 'batch':
 *
 * - `submit` gives a call to the provider, or notes it for a batch, and ends. It answers no task token.
 * - `webhook` takes the provider's word that a call or a batch is over, and answers the states. It alone
 *   may read the secret that webhooks are signed with.
 * - `sweep` runs when a run has ended, however, and once a minute: it cancels what nobody waits for, asks
 *   for what no webhook has told of, and sends batches off. A minute in which nothing is open costs a few
 *   queries.
 */
export class BackgroundFunctions extends Construct {
  readonly submit: ModelFunction;
  readonly webhook: ModelFunction;
  readonly sweep: ModelFunction;
  /** Where the provider's webhooks come in: by a signed link that does not expire. */
  readonly route: LinkRoute;

  constructor(scope: Construct, id: string, props: BackgroundFunctionsProps) {
    super(scope, id);
    const { need, bundles, keys, limiter, table, payloads } = props;
    const { provider } = need;
    const [webhook, sweep] = backgroundFunctions(need);
    const secretArn = keys.webhookArn(provider);
    const shared = { keys, limiter, payloads };
    const environment = { CLOUDGATHER_RUN_TABLE: table.name };
    table.indexOpenJobs();
    this.submit = new ModelFunction(this, 'Submit', {
      ...shared,
      need,
      bundle: bundles.submit,
      description: `Takes calls that models of ${provider} answer in the background or in batches`,
      environment,
    });
    this.webhook = new ModelFunction(this, 'Webhook', {
      ...shared,
      need: webhook,
      bundle: bundles.webhook,
      description: `Takes webhooks of ${provider}: a background call or a batch is over`,
      environment: { ...environment, CLOUDGATHER_WEBHOOK_SECRET_ARN: secretArn },
    });
    this.sweep = new ModelFunction(this, 'Sweep', {
      ...shared,
      need: sweep,
      bundle: bundles.sweep,
      description: `Looks after background calls and batches of ${provider}`,
      environment,
    });
    this.route = {
      path: `/${webhook.serves}`,
      methods: [HttpMethod.POST],
      handler: this.webhook.alias,
    };
    this.webhook.allow(['secretsmanager:GetSecretValue'], [secretArn]);
    for (const each of [this.submit, this.webhook, this.sweep]) {
      table.allow(each.role, ['DeleteItem', 'GetItem', 'UpdateItem']);
    }
    table.allow(this.submit.role, ['PutItem']);
    table.allowListing(this.sweep.role);
    const everyMinute = Schedule.rate(Duration.minutes(1));
    this.rule('EveryMinute', { schedule: everyMinute, description: 'A minute is over' });
  }

  /** Lets these functions answer the states of these machines, and tells them of the ends of runs. */
  follow(machines: readonly GatherWorkflow[]): void {
    const arns = machines.map(({ machine }) => machine.stateMachineArn);
    const answers = [
      'states:SendTaskFailure',
      'states:SendTaskHeartbeat',
      'states:SendTaskSuccess',
    ];
    for (const each of [this.webhook, this.sweep]) {
      each.allow(answers, answeredMachines(machines));
    }
    this.rule('RunEnded', {
      description: 'A run with background calls or batches has ended',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: arns,
          // The losers of a race whose run has succeeded are stopped as well.
          status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
        },
      },
    });
  }

  private rule(id: string, props: RuleProps): void {
    const target = new LambdaFunction(this.sweep.alias, {
      // The next minute comes anyway.
      retryAttempts: 1,
      maxEventAge: Duration.minutes(5),
    });
    new Rule(this, id, { ...props, targets: [target] });
  }
}
