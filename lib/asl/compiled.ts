import type { JsonSchema } from '../json.ts';

/** What `compile(workflow)` gives: the one document, and what it needs to run. Plain data. */
export interface CompiledWorkflow {
  readonly name: string;
  readonly description: string | null;
  /**
   * The Amazon States Language text: the construct deploys exactly these bytes, the local runner
   * executes exactly these bytes. ARNs stand as `${Placeholder}`; any other `${` is escaped.
   */
  readonly definition: string;
  /** SHA-256 of `definition`, hex. */
  readonly definitionHash: string;
  /** One for each placeholder in the definition that stands for a function. */
  readonly functions: readonly FunctionNeed[];
  readonly inputSchema: JsonSchema;
  /**
   * Whether it holds a Distributed Map: its role then needs states:StartExecution on the state machine
   * itself, and states:DescribeExecution and states:StopExecution on that one's executions (AWS docs:
   * "IAM policies for using Distributed Map state").
   */
  readonly distributed?: boolean;
  /** What it needs besides functions; absent: nothing. */
  readonly resources?: readonly ResourceNeed[];
  /** Whether its runs have a budget, which a table has to keep. */
  readonly budget?: boolean;
}

/** What a document needs besides functions: something to name in it, to grant to its role, or both. */
export type ResourceNeed = TableNeed | WorkflowNeed | BucketNeed | ConnectionNeed;

/**
 * The run table: rows by which the branches of a run know of each other, and callers of a run's waiting
 * states. Its partition key is the text `id`, which begins with the concept ('tally#', 'approval#',
 * 'job#'); a row goes after the epoch second in `expires`. The placeholder is the table's name.
 */
export interface TableNeed {
  readonly kind: 'table';
  readonly placeholder: 'RunTable';
  /** What the document's own states do with it, in alphabetical order. */
  readonly actions: readonly TableAction[];
}

/** DynamoDB's own names, as in 'dynamodb:GetItem'. */
export type TableAction = 'DeleteItem' | 'GetItem' | 'PutItem' | 'UpdateItem';

/** Another workflow's state machine, started as an execution of its own. The placeholder is its ARN. */
export interface WorkflowNeed {
  readonly kind: 'workflow';
  /** 'WorkflowPanel'. */
  readonly placeholder: string;
  /** 'panel'. */
  readonly workflow: string;
}

/**
 * A provider that Step Functions itself calls: an EventBridge connection that holds its key. The
 * placeholder is the connection's ARN.
 */
export interface ConnectionNeed {
  readonly kind: 'connection';
  /** 'ConnectionOpenai'. */
  readonly placeholder: string;
  /** Stands for the URL of the provider's chat completions: 'EndpointOpenai'. */
  readonly endpoint: string;
  /** A name of the provider table. */
  readonly provider: string;
}

/** A bucket that a Distributed Map reads its items from or writes its results to: a grant only. */
export interface BucketNeed {
  readonly kind: 'bucket';
  readonly bucket: string;
  /** 'read' objects, 'list' keys, or 'write' results (which are uploaded in parts). */
  readonly access: 'read' | 'list' | 'write';
  /** Of the object keys; '' is the whole bucket. */
  readonly prefix: string;
  /** With 'read': the prefix is the key of the only object. */
  readonly exact?: true;
  /** With 'read': a version of the object that need not be the newest. */
  readonly version?: true;
}

/** A Lambda function that a document calls; several workflows may name the same one. */
export type FunctionNeed =
  | ModelFunctionNeed
  | SubmitFunctionNeed
  | TaskFunctionNeed
  | ApprovalFunctionNeed;

export interface FunctionNeedBase {
  /** The word between `${` and `}`: 'ModelOpenai', 'TaskSearch'. */
  readonly placeholder: string;
  /** The function's name, unique in the app: 'model-openai', 'task-search'. */
  readonly name: string;
  /** The Lambda timeout: above every call's own limit, below every state's TimeoutSeconds. */
  readonly timeoutSeconds: number;
  /** Whether it answers task tokens: its role may, on the machines that wait for it. */
  readonly answersTokens?: true;
  /** Where its links begin: 'approvals' for '/approvals/...'. Requests that a link signs come to it. */
  readonly serves?: string;
}

/** One function per provider, so that its role reads exactly one key. */
export interface ModelFunctionNeed extends FunctionNeedBase {
  readonly kind: 'model';
  /** A name of the provider table ('openai'), or the name that the user gave to a URL. */
  readonly provider: string;
  /** Set where the user gave a URL; otherwise the provider table's. */
  readonly baseURL?: string;
  /** What is called, where the function's role has to be granted each model (Bedrock); sorted. */
  readonly models?: readonly string[];
}

/**
 * Gives calls to a provider that works on them in the background. Two functions come with it that no
 * document calls: one takes the provider's webhooks, one looks after the calls that are open.
 */
export interface SubmitFunctionNeed extends FunctionNeedBase {
  readonly kind: 'submit';
  readonly provider: string;
  readonly baseURL?: string;
}

export interface TaskFunctionNeed extends FunctionNeedBase {
  readonly kind: 'task';
  /** Path of the module, relative to the project's root: 'functions/search.ts'. */
  readonly entry: string;
  /** The exported handler: 'handler'. */
  readonly handler: string;
}

/** Asks people: one for all workflows. The function that takes their answers comes with it. */
export interface ApprovalFunctionNeed extends FunctionNeedBase {
  readonly kind: 'approval';
}
