import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { LiveFunction } from './live-function.ts';

/**
 * The table by which all model calls of the stack share the providers' limits and keep to their budgets:
 * one small row for each model, run with a budget and day, paid per request. It holds counters only and
 * goes with the stack; the rows of budgets expire.
 */
export class LimiterTable extends Construct {
  private readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      timeToLiveAttribute: 'expires',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** For CLOUDGATHER_LIMITER_TABLE. */
  get name(): string {
    return this.table.tableName;
  }

  /** Lets a model function change the rows, and read one where a change failed. */
  letChange(model: LiveFunction): void {
    model.allow(['dynamodb:UpdateItem', 'dynamodb:GetItem'], [this.table.tableArn]);
  }
}
