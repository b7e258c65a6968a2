import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { noticeSource, noticeType } from '../approval/notice.ts';
import type { ApprovalFunctionNeed } from '../asl/compiled.ts';
import { answeredMachines } from './answered-machines.ts';
import type { GatherWorkflow } from './gather-workflow.ts';
import { LiveFunction } from './live-function.ts';
import type { PayloadBucket } from './payload-bucket.ts';
import type { RunTable } from './run-table.ts';
import type { SignedLinks } from './signed-links.ts';

/** What functions need that ask people, or are called back. */
export interface Callbacks {
  readonly table: RunTable;
  readonly links: SignedLinks;
  /** Where links begin, without a slash at the end. */
  readonly linkBase: string;
}

export interface ApprovalFunctionProps extends Callbacks {
  readonly need: ApprovalFunctionNeed;
  readonly bundle: string;
  readonly payloads?: PayloadBucket | undefined;
}

/**
 * Asks people: it may write a question into the run table, sign its link, and announce it on the
 * default event bus, as this event and no other. It can answer nothing.
 */
export class ApprovalFunction extends LiveFunction {
  constructor(scope: Construct, id: string, props: ApprovalFunctionProps) {
    const { need, bundle, table, links, linkBase, payloads } = props;
    super(scope, id, {
      description: 'Asks people for approval',
      bundle,
      handler: 'index.handler',
      timeoutSeconds: need.timeoutSeconds,
      environment: {
        ...links.environment,
        CLOUDGATHER_LINK_BASE: linkBase,
        CLOUDGATHER_RUN_TABLE: table.name,
        ...payloadVariable(payloads),
      },
    });
    links.letSign(this);
    payloads?.letRead(this);
    table.allow(this.role, ['PutItem']);
    this.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['events:PutEvents'],
        resources: [defaultBus(this)],
        conditions: {
          StringEquals: { 'events:source': noticeSource, 'events:detail-type': noticeType },
        },
      }),
    );
  }
}

export interface ApprovalLinkFunctionProps {
  /** Those that ask people. */
  readonly machines: readonly GatherWorkflow[];
  readonly bundle: string;
  readonly timeoutSeconds: number;
  readonly table: RunTable;
  readonly payloads?: PayloadBucket | undefined;
}

/**
 * The pages behind approval links: it may read a question, note the answer, and tell it to the machines
 * that ask.
 */
export class ApprovalLinkFunction extends LiveFunction {
  constructor(scope: Construct, id: string, props: ApprovalLinkFunctionProps) {
    const { bundle, timeoutSeconds, machines, table, payloads } = props;
    super(scope, id, {
      description: 'Shows questions to people, and takes their answers',
      bundle,
      handler: 'index.handler',
      timeoutSeconds,
      environment: { CLOUDGATHER_RUN_TABLE: table.name, ...payloadVariable(payloads) },
    });
    payloads?.letRead(this);
    table.allow(this.role, ['GetItem', 'UpdateItem']);
    this.allow(['states:SendTaskSuccess'], answeredMachines(machines));
  }
}

function payloadVariable(payloads: PayloadBucket | undefined): Record<string, string> {
  return payloads === undefined ? {} : { CLOUDGATHER_PAYLOADS: payloads.url };
}

function defaultBus(scope: Construct): string {
  return Stack.of(scope).formatArn({
    service: 'events',
    resource: 'event-bus',
    resourceName: 'default',
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
