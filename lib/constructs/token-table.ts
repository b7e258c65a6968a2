import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { rowNames } from '../model/stream/token-row.ts';
import type { LiveFunction } from './live-function.ts';

/**
 * The table by which model functions tell the text of watched runs while it comes. A row is gone an hour
 * after it was written; a stack of which nobody watches a run writes none, and pays nothing for it. It
 * is apart from the other tables because it holds what models say, and they hold counters.
 */
export class TokenTable extends Construct {
  private readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: rowNames.run, type: AttributeType.STRING },
      sortKey: { name: rowNames.position, type: AttributeType.NUMBER },
      timeToLiveAttribute: rowNames.expires,
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** For CLOUDGATHER_TOKEN_TABLE. */
  get name(): string {
    return this.table.tableName;
  }

  /** Lets a model function write rows; it may read none. */
  letTell(model: LiveFunction): void {
    model.allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], [this.table.tableArn]);
  }

  /** Lets a function read the rows of a run. */
  letRead(reader: LiveFunction): void {
    reader.allow(['dynamodb:Query'], [this.table.tableArn]);
  }
}
