import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { TableAction } from '../asl/compiled.ts';
import { openJobs } from '../model/background/jobs.ts';

/**
 * The table by which the branches of a run know of each other. Rows are small, paid per request,
 * encrypted, and go by themselves at the epoch second in `expires`; all of them go with the stack, as
 * the runs do.
 */
export class RunTable extends Construct {
  private readonly table: Table;
  private isIndexed = false;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expires',
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** For the placeholder `RunTable`. */
  get name(): string {
    return this.table.tableName;
  }

  /** The open background calls by their provider and run. Rows without these attributes are not in it. */
  indexOpenJobs(): void {
    if (this.isIndexed) return;
    this.isIndexed = true;
    this.table.addGlobalSecondaryIndex({
      indexName: openJobs.index,
      partitionKey: { name: openJobs.partition, type: AttributeType.STRING },
      sortKey: { name: openJobs.sort, type: AttributeType.STRING },
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [openJobs.due],
    });
  }

  /** Lets a role read the open background calls by run and by time. */
  allowListing(role: IRole): void {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['dynamodb:Query'],
        resources: [`${this.table.tableArn}/index/${openJobs.index}`],
      }),
    );
  }

  /** Lets a role do exactly this with the table's rows. */
  allow(role: IRole, actions: readonly TableAction[]): void {
    if (actions.length === 0) return;
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [this.table.tableArn],
      }),
    );
  }
}
