import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi as ApiGateway,
  HttpMethod,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IAlias } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface HttpApiProps {
  /** Answers every request that its caller signs. */
  readonly handler: IAlias;
  /** Default: no link leads here. */
  readonly links?: LinkRoutes | undefined;
}

/** What requests by signed links lead to. */
export interface LinkRoutes {
  /** Checks the signature of a link. */
  readonly authorizer: IHttpRouteAuthorizer;
  readonly routes: readonly LinkRoute[];
}

export interface LinkRoute {
  /** '/approvals/{id}' */
  readonly path: string;
  readonly methods: readonly HttpMethod[];
  readonly handler: IAlias;
}

/**
 * The routes of `lib/api`, each by its own name so that a caller's policy can allow some of them and
 * the access log can count them. A test holds this list to the app's.
 */
const ROUTES = [
  [HttpMethod.GET, '/openapi.json'],
  [HttpMethod.GET, '/workflows'],
  [HttpMethod.GET, '/workflows/{name}'],
  [HttpMethod.POST, '/workflows/{name}/runs'],
  [HttpMethod.GET, '/workflows/{name}/runs'],
  [HttpMethod.GET, '/workflows/{name}/runs/{id}'],
  [HttpMethod.POST, '/workflows/{name}/runs/{id}/stop'],
  [HttpMethod.POST, '/workflows/{name}/runs/{id}/redrive'],
  [HttpMethod.GET, '/workflows/{name}/runs/{id}/approvals'],
  [HttpMethod.POST, '/workflows/{name}/runs/{id}/approvals/{approval}'],
  [HttpMethod.GET, '/workflows/{name}/runs/{id}/events'],
] as const;

/**
 * The door to `lib/api` in AWS: every request is signed by its caller (SigV4, IAM authorizer) and
 * goes to one function, which does the routing. What is no route goes there too (`$default`), signed
 * as well, so that a wrong path gets the same problem as on loopback.
 *
 * Requests by signed links have routes of their own: a function checks the link, and another one than
 * the API's answers. So no route is public.
 *
 * The stage lets 50 requests through in a second and 100 at once: well above what people do, and
 * below what Step Functions refills (StartExecution 300 a second, GetExecutionHistory 20 a second,
 * where the function waits). One JSON line a request goes to the access log: who, which route, which status.
 */
export class HttpApi extends Construct {
  /** Ends without a slash. */
  readonly url: string;

  constructor(scope: Construct, id: string, { handler, links }: HttpApiProps) {
    super(scope, id);
    const integration = new HttpLambdaIntegration('Handler', handler, {
      scopePermissionToRoute: false,
    });
    const api = new ApiGateway(this, 'Api', {
      apiName: Stack.of(this).stackName,
      description: 'Starts, shows and stops runs of workflows',
      defaultIntegration: integration,
      defaultAuthorizer: new HttpIamAuthorizer(),
      createDefaultStage: false,
    });
    for (const [method, path] of ROUTES) api.addRoutes({ path, methods: [method], integration });
    for (const { path, methods, handler: linked } of links?.routes ?? []) {
      api.addRoutes({
        path,
        methods: [...methods],
        integration: new HttpLambdaIntegration(path, linked),
        authorizer: links!.authorizer,
      });
    }
    new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 50, burstLimit: 100 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog()),
        format: AccessLogFormat.custom(ACCESS_LOG_LINE),
      },
    });
    this.url = api.apiEndpoint;
  }

  private accessLog(): LogGroup {
    return new LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/vendedlogs/http-api/${Stack.of(this).stackName}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}

/** Only fields that can hold no quote: the line must stay JSON whatever the caller sends. */
const ACCESS_LOG_LINE = JSON.stringify({
  requestTime: '$context.requestTime',
  requestId: '$context.requestId',
  caller: '$context.identity.caller',
  method: '$context.httpMethod',
  route: '$context.routeKey',
  status: '$context.status',
  milliseconds: '$context.responseLatency',
  functionStatus: '$context.integrationStatus',
  error: '$context.error.responseType',
});
