import path from 'node:path';
import type { Json, JsonObject } from '../../json.ts';
import type { AssetFile } from './asset.ts';
import { holds, type IntrinsicScope, resolve, resolveText } from './intrinsic.ts';
import { readJson, type StackArtifact } from './manifest.ts';
import { attributeOf, type NamedResource, nameProperty, refOf } from './resource-value.ts';
import type { Resource, Template } from './template.ts';
import { attempt, Unresolved } from './unresolved.ts';

/** Finds the value that some stack of the assembly exports. @throws Unresolved */
export type Exports = (name: string) => Json;

/** One stack: its template, and what the intrinsic functions in it give. */
export class Stack implements IntrinsicScope {
  readonly stackName: string;
  readonly region: string;
  readonly account: string;
  readonly #artifact: StackArtifact;
  readonly #template: Template;
  readonly #exports: Exports;
  readonly #nested = new Map<string, Stack>();
  readonly #parameters: (name: string) => Json | undefined;
  readonly #names = new Map<string, string>();
  /** Chosen names that are being resolved: a name may refer to other resources. */
  readonly #naming = new Set<string>();

  constructor(
    artifact: StackArtifact,
    exports: Exports,
    parameters: (name: string) => Json | undefined = (name) => artifact.parameters[name],
  ) {
    this.stackName = artifact.name;
    this.region = artifact.region;
    this.account = artifact.account;
    this.#artifact = artifact;
    this.#template = artifact.template;
    this.#exports = exports;
    this.#parameters = parameters;
  }

  /** The resources of a type that are made, by logical id: those of a false condition are not. */
  resources(type: string): [string, Resource][] {
    return Object.entries(this.#template.Resources ?? {}).filter(
      ([, resource]) => resource.Type === type && this.#isMade(resource),
    );
  }

  resource(logicalId: string): Resource | undefined {
    return this.#template.Resources?.[logicalId];
  }

  /** The nested stacks, theirs included. */
  nested(): Stack[] {
    return this.resources('AWS::CloudFormation::Stack').flatMap(([id]) => {
      const stack = this.#nestedStack(id);
      return stack ? [stack, ...stack.nested()] : [];
    });
  }

  /** The asset that a template's bucket key means. */
  asset(key: string): AssetFile | undefined {
    return this.#artifact.assets.get(key);
  }

  /** @throws Unresolved */
  resolve(value: Json): Json | undefined {
    return resolve(value, this);
  }

  /** A property of a resource, resolved; undefined where there is none. @throws Unresolved */
  property(resource: Resource, name: string): Json | undefined {
    const value = resource.Properties?.[name];
    return value === undefined ? undefined : resolve(value, this);
  }

  /** The name that the resource has, or that it is given here: 'Stack-LogicalId'. */
  physical(logicalId: string, resource: Resource): NamedResource {
    const { region, account } = this;
    const named = { logicalId, type: resource.Type, region, account };
    return {
      ...named,
      name: this.#nameOf(logicalId, resource) ?? `${this.stackName}-${logicalId}`,
    };
  }

  /** Gives a resource a name that its app has not chosen. */
  name(logicalId: string, name: string): void {
    this.#names.set(logicalId, name);
  }

  #nameOf(logicalId: string, resource: Resource): string | undefined {
    const property = nameProperty(resource.Type);
    const chosen = property === undefined ? undefined : resource.Properties?.[property];
    if (chosen === undefined || this.#naming.has(logicalId)) return this.#names.get(logicalId);
    this.#naming.add(logicalId);
    try {
      return resolveText(chosen, this);
    } finally {
      this.#naming.delete(logicalId);
    }
  }

  ref(name: string): Json | undefined {
    if (name === 'AWS::NoValue') return undefined;
    const pseudo = this.#pseudo(name);
    if (pseudo !== undefined) return pseudo;
    const parameter = this.#template.Parameters?.[name];
    if (parameter) return this.#parameter(name, parameter);
    const resource = this.resource(name);
    if (!resource) throw new Unresolved(`There is no '${name}' in the stack ${this.stackName}.`);
    if (resource.Type === 'AWS::Lambda::Version') return `${this.#functionArn(resource)}:1`;
    if (resource.Type === 'AWS::Lambda::Alias') {
      return `${this.#functionArn(resource)}:${this.property(resource, 'Name')}`;
    }
    return refOf(this.physical(name, resource));
  }

  attribute(logicalId: string, name: string): Json {
    const resource = this.resource(logicalId);
    if (!resource)
      throw new Unresolved(`There is no '${logicalId}' in the stack ${this.stackName}.`);
    if (resource.Type === 'AWS::Lambda::Version' && name === 'Version') return '1';
    if (resource.Type === 'AWS::CloudFormation::Stack' && name.startsWith('Outputs.')) {
      const output = this.#nestedStack(logicalId)?.output(name.slice('Outputs.'.length));
      if (output !== undefined) return output;
    }
    return attributeOf(this.physical(logicalId, resource), name);
  }

  importValue(name: string): Json {
    return this.#exports(name);
  }

  mapping(name: string, first: string, second: string): Json {
    const value = this.#template.Mappings?.[name]?.[first]?.[second];
    if (value !== undefined) return value;
    throw new Unresolved(
      `The mapping ${name} of ${this.stackName} has nothing for ${first}, ${second}.`,
    );
  }

  condition(name: string): boolean {
    return holds(this.#template.Conditions?.[name] ?? null, this);
  }

  /** An output of the stack. @throws Unresolved */
  output(name: string): Json | undefined {
    const value = this.#template.Outputs?.[name]?.Value;
    return value === undefined ? undefined : resolve(value, this);
  }

  /** What the stack exports under a name; undefined where it exports nothing of that name. */
  exported(name: string): Json | undefined {
    for (const { Export, Value } of Object.values(this.#template.Outputs ?? {})) {
      if (Export?.Name === undefined || Value === undefined) continue;
      if (resolveText(Export.Name, this) === name) return resolve(Value, this);
    }
    return undefined;
  }

  /** A condition that only a deployment can judge is taken to hold. */
  #isMade({ Condition }: Resource): boolean {
    if (Condition === undefined) return true;
    const judged = attempt(() => this.condition(Condition));
    return 'reason' in judged || judged.value;
  }

  #functionArn(resource: Resource): string {
    const of = String(this.property(resource, 'FunctionName'));
    const name = of.replace(/^arn:[^:]*:lambda:[^:]*:[^:]*:function:/, '');
    return `arn:aws:lambda:${this.region}:${this.account}:function:${name}`;
  }

  #parameter(name: string, { Type = '', Default }: { Type?: string; Default?: Json }): Json {
    const given = this.#parameters(name);
    if (given !== undefined) return given;
    if (Default !== undefined && !Type.startsWith('AWS::SSM::')) return Default;
    throw new Unresolved(
      `The parameter ${name} of the stack ${this.stackName} has no ${Default === undefined ? 'default' : 'value before a deployment'}.`,
    );
  }

  #pseudo(name: string): Json | undefined {
    const { region, account, stackName: stack } = this;
    const values: JsonObject = {
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stack}/local`,
      'AWS::NotificationARNs': [],
    };
    return values[name];
  }

  #nestedStack(logicalId: string): Stack | undefined {
    const known = this.#nested.get(logicalId);
    if (known) return known;
    const resource = this.resource(logicalId);
    const url = resource?.Properties?.TemplateURL;
    if (resource === undefined || url === undefined) return undefined;
    // https://s3.<region>.<suffix>/<bucket>/<key>
    const key = resolveText(url, this).split('/').slice(4).join('/');
    const file = this.asset(key)?.path;
    if (file === undefined) return undefined;
    const template = readJson<Template>(path.dirname(file), path.basename(file));
    const given = (resource.Properties?.Parameters ?? {}) as JsonObject;
    const name = `${this.stackName}-${logicalId}`;
    const stack = new Stack({ ...this.#artifact, name, template }, this.#exports, (parameter) => {
      const value = given[parameter];
      return value === undefined ? undefined : resolve(value, this);
    });
    this.#nested.set(logicalId, stack);
    return stack;
  }
}
