import { WorkflowInvalid } from '../errors.ts';

/**
 * One provider that speaks OpenAI's Chat Completions, with what it does differently. Plain data: the
 * language, the compiler, the constructs and the function all read this table, so nothing heavy may
 * be imported here. A quirk that is not in this table is not handled anywhere else.
 */
export interface Provider {
  /** The word before the colon: 'openai' in 'openai:gpt-5-mini'. */
  readonly name: string;
  /** How the provider is called in a sentence. */
  readonly title: string;
  /** Up to, not including, `/chat/completions`. null: every account has its own, so one must be set. */
  readonly baseURL: string | null;
  /** Variables that replace the base URL on this machine; the first that is set wins. */
  readonly baseURLVariables: readonly string[];
  /**
   * 'full': the variable holds everything up to `/chat/completions`, as the openai package reads it.
   * 'host': the variable may hold only scheme, host and port; the provider's own path is then added.
   */
  readonly baseURLForm: 'full' | 'host';
  /** Variables that hold the key on this machine; the first that is set wins. */
  readonly keyVariables: readonly string[];
  /** false: calls are made without a key when none is set, as to a server on this machine. */
  readonly needsKey: boolean;
  /** The field that limits the output. */
  readonly maxTokensField: 'max_completion_tokens' | 'max_tokens';
  /**
   * 'json_schema': the schema goes into `response_format`, and the provider keeps to it.
   * 'json_object': the provider promises JSON only; the schema goes into the instructions too.
   * 'instructions': `response_format` is ignored or depends on the model; the schema goes into the
   * instructions alone. The answer is checked against the schema in every case.
   */
  readonly structuredOutput: 'json_schema' | 'json_object' | 'instructions';
  /** The role of the instructions. */
  readonly instructionsRole: 'developer' | 'system';
  /** false: `reasoning_effort` is ignored or refused, so a request that has one is rejected. */
  readonly reasoningEffort: boolean;
  /** 'aws': without a key, requests are signed (SigV4) with the role's or this machine's credentials. */
  readonly auth: 'key' | 'aws';
  /** true: `us-east-1` in the base URL stands for the function's own region. */
  readonly regional: boolean;
  /** false: `service_tier` is ignored or refused, so a request that has one is rejected. */
  readonly serviceTier: boolean;
  /**
   * 'cache_control': marks are sent as Anthropic has them. 'automatic': the provider caches by itself,
   * or takes no marks through this endpoint; a mark changes only the price, so it is then left out.
   */
  readonly cacheMarks: 'cache_control' | 'automatic';
  /** How a file goes into a message; 'none': a request that has one is rejected. */
  readonly files: 'file' | 'file or URL' | 'document_url' | 'none';
  /** false: `stream_options` is refused; the usage of a stream is told without it. */
  readonly streamOptions: boolean;
  /** Models that only OpenAI's Responses API serves, or that lose by Chat Completions. */
  readonly responsesModels: RegExp | null;
  /**
   * true: its Responses API works in the background and tells by a webhook when it is done. Of a server
   * that the user named by a URL it is not asked.
   */
  readonly background: boolean;
  /**
   * What its batches cost, as a share of the price of a sync call; null: it has none in OpenAI's way
   * (`POST /files`, `POST /batches`). Of a server that the user named by a URL it is not asked, and
   * its batches have the full price.
   */
  readonly batch: { readonly priceFactor: number } | null;
}

/** What most of them share. */
const usual = {
  baseURLForm: 'host',
  needsKey: true,
  maxTokensField: 'max_tokens',
  structuredOutput: 'json_schema',
  instructionsRole: 'system',
  reasoningEffort: true,
  auth: 'key',
  regional: false,
  serviceTier: false,
  cacheMarks: 'automatic',
  files: 'none',
  streamOptions: true,
  responsesModels: null,
  background: false,
  batch: null,
} as const;

/** OpenAI's model pages: "Endpoints" lists the Responses API and not Chat Completions. */
const onlyResponses =
  /^(o1-pro|o3-pro|o[34](-mini)?-deep-research|gpt-5(\.\d+)?-(pro|codex)|codex-|computer-use)/;

export const providers: readonly Provider[] = [
  {
    ...usual,
    name: 'openai',
    title: 'OpenAI',
    baseURL: 'https://api.openai.com/v1',
    baseURLVariables: ['OPENAI_BASE_URL'],
    baseURLForm: 'full',
    keyVariables: ['OPENAI_API_KEY'],
    maxTokensField: 'max_completion_tokens', // reasoning models refuse max_tokens
    instructionsRole: 'developer',
    serviceTier: true,
    files: 'file',
    responsesModels: onlyResponses,
    background: true,
    batch: { priceFactor: 0.5 }, // help.openai.com, "Batch API FAQ"
  },
  {
    ...usual,
    name: 'anthropic',
    title: 'Anthropic',
    baseURL: 'https://api.anthropic.com/v1',
    baseURLVariables: ['ANTHROPIC_BASE_URL'], // Anthropic's own packages want it without /v1
    keyVariables: ['ANTHROPIC_API_KEY'],
    structuredOutput: 'instructions', // "response_format: ignored" (docs: OpenAI SDK compatibility)
    reasoningEffort: false, // "reasoning_effort: ignored"
  },
  {
    ...usual,
    name: 'google',
    title: 'Google Gemini',
    baseURL: 'https://generativelanguage.googleapis.com/v1beta/openai',
    baseURLVariables: ['GEMINI_BASE_URL', 'GOOGLE_GEMINI_BASE_URL'],
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  },
  {
    ...usual,
    name: 'groq',
    title: 'Groq',
    baseURL: 'https://api.groq.com/openai/v1',
    baseURLVariables: ['GROQ_BASE_URL'], // Groq's own package wants it without /openai/v1
    keyVariables: ['GROQ_API_KEY'],
    maxTokensField: 'max_completion_tokens',
    structuredOutput: 'json_object', // json_schema is refused by most of its models
    serviceTier: true,
    batch: { priceFactor: 0.75 }, // console.groq.com/docs/batch, a stored copy: "25% cost discount"
  },
  {
    ...usual,
    name: 'deepseek',
    title: 'DeepSeek',
    baseURL: 'https://api.deepseek.com/v1',
    baseURLVariables: ['DEEPSEEK_BASE_URL'],
    keyVariables: ['DEEPSEEK_API_KEY'],
    structuredOutput: 'json_object',
    reasoningEffort: false,
  },
  {
    ...usual,
    name: 'mistral',
    title: 'Mistral',
    baseURL: 'https://api.mistral.ai/v1',
    baseURLVariables: ['MISTRAL_BASE_URL'],
    keyVariables: ['MISTRAL_API_KEY'],
    reasoningEffort: false, // unknown fields are refused with 422
    files: 'document_url',
    streamOptions: false,
  },
  {
    ...usual,
    name: 'xai',
    title: 'xAI',
    baseURL: 'https://api.x.ai/v1',
    baseURLVariables: ['XAI_BASE_URL'],
    keyVariables: ['XAI_API_KEY'],
    maxTokensField: 'max_completion_tokens',
  },
  {
    ...usual,
    name: 'openrouter',
    title: 'OpenRouter',
    baseURL: 'https://openrouter.ai/api/v1',
    baseURLVariables: ['OPENROUTER_BASE_URL'],
    keyVariables: ['OPENROUTER_API_KEY'],
    structuredOutput: 'instructions', // refused where the routed model lacks it
    cacheMarks: 'cache_control',
    files: 'file or URL',
  },
  {
    ...usual,
    name: 'together',
    title: 'Together AI',
    baseURL: 'https://api.together.xyz/v1',
    baseURLVariables: ['TOGETHER_BASE_URL'],
    keyVariables: ['TOGETHER_API_KEY'],
    structuredOutput: 'instructions', // depends on the model
  },
  {
    ...usual,
    name: 'azure',
    title: 'Azure OpenAI',
    baseURL: null, // https://RESOURCE.openai.azure.com/openai/v1; the model is the deployment's name
    baseURLVariables: ['AZURE_OPENAI_BASE_URL', 'AZURE_OPENAI_ENDPOINT'],
    keyVariables: ['AZURE_OPENAI_API_KEY'],
    maxTokensField: 'max_completion_tokens',
    instructionsRole: 'developer',
    serviceTier: true,
    files: 'file',
    responsesModels: onlyResponses,
  },
  {
    ...usual,
    name: 'bedrock',
    title: 'Amazon Bedrock',
    // AWS docs: "Inference using Chat Completions API". Serves the models that page lists, not all.
    baseURL: 'https://bedrock-runtime.us-east-1.amazonaws.com/v1',
    baseURLVariables: ['BEDROCK_BASE_URL'],
    baseURLForm: 'full',
    keyVariables: ['AWS_BEARER_TOKEN_BEDROCK'],
    needsKey: false,
    auth: 'aws',
    regional: true,
    maxTokensField: 'max_completion_tokens',
    structuredOutput: 'instructions', // depends on the model
    serviceTier: true,
  },
  {
    ...usual,
    name: 'ollama',
    title: 'Ollama',
    baseURL: 'http://127.0.0.1:11434/v1',
    baseURLVariables: ['OLLAMA_BASE_URL', 'OLLAMA_HOST'],
    keyVariables: ['OLLAMA_API_KEY'],
    needsKey: false,
  },
  {
    ...usual,
    name: 'vllm',
    title: 'vLLM',
    baseURL: 'http://127.0.0.1:8000/v1',
    baseURLVariables: ['VLLM_BASE_URL'],
    keyVariables: ['VLLM_API_KEY'],
    needsKey: false,
  },
  {
    ...usual,
    name: 'lmstudio',
    title: 'LM Studio',
    baseURL: 'http://127.0.0.1:1234/v1',
    baseURLVariables: ['LMSTUDIO_BASE_URL'],
    keyVariables: ['LMSTUDIO_API_KEY'],
    needsKey: false,
  },
];

/** The path that a base URL gets where `baseURLForm` is 'host' and the URL has none. */
export function pathOf(provider: Provider): string {
  return provider.baseURL === null ? '/openai/v1' : new URL(provider.baseURL).pathname;
}

/**
 * The provider of that name. A name that is not in the table is allowed where the user gave a URL: it
 * is then a server that speaks Chat Completions and keeps to the schema in `response_format`, its key
 * is in NAME_API_KEY and its URL can be replaced by NAME_BASE_URL; it may do without a key.
 * @throws WorkflowInvalid for an unknown name without a URL, or a name that is not a plain word.
 */
export function providerNamed(name: string, baseURL?: string): Provider {
  const known = providers.find((provider) => provider.name === name);
  if (known !== undefined) return known;
  if (baseURL === undefined || !isProviderName(name)) {
    throw new WorkflowInvalid(
      `${JSON.stringify(name)} is not a known provider. ${allowedNames([])}`,
    );
  }
  const prefix = name.toUpperCase().replaceAll('-', '_');
  return {
    ...usual,
    name,
    title: name,
    baseURL,
    baseURLVariables: [`${prefix}_BASE_URL`],
    baseURLForm: 'full',
    keyVariables: [`${prefix}_API_KEY`],
    needsKey: false,
  };
}

/** A word in small letters, digits and hyphens, of at most 40 characters: it becomes a function's name. */
export function isProviderName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,39}$/.test(name);
}

export interface ModelName {
  readonly provider: string;
  /** As the provider calls it; may itself hold colons and slashes: 'llama3.2:3b'. */
  readonly model: string;
}

/**
 * Reads 'provider:model' ('openai:gpt-5-mini', 'ollama:llama3.2:3b'). `named` holds further provider
 * names that are allowed because the user gave them a URL.
 * @throws WorkflowInvalid, with the list of what is allowed.
 */
export function parseModelName(name: string, named: readonly string[] = []): ModelName {
  if (typeof name !== 'string') {
    throw new WorkflowInvalid(
      `A model must be named by a text such as 'openai:gpt-5-mini', not by a value of type ${typeof name}. ${allowedNames(named)}`,
    );
  }
  const colon = name.indexOf(':');
  const provider = name.slice(0, colon);
  const model = name.slice(colon + 1);
  const shown = JSON.stringify(name.slice(0, 120));
  if (colon < 1) {
    throw new WorkflowInvalid(
      `The model ${shown} names no provider. Write 'provider:model', for example 'openai:gpt-5-mini'. ${allowedNames(named)}`,
    );
  }
  if (!named.includes(provider) && !providers.some((known) => known.name === provider)) {
    throw new WorkflowInvalid(
      `The model ${shown} names the provider ${JSON.stringify(provider.slice(0, 60))}, which is not known. ${allowedNames(named)}`,
    );
  }
  if (!/^[^\s\p{Cc}]{1,200}$/u.test(model)) {
    throw new WorkflowInvalid(
      `The model ${shown} has no usable model name after '${provider}:'. Write the provider's own name for it, 1 to 200 characters without spaces.`,
    );
  }
  return { provider, model };
}

function allowedNames(named: readonly string[]): string {
  const names = [...providers.map((provider) => provider.name), ...named].sort();
  return `Allowed providers: ${names.join(', ')}; for any other server give it a name and a baseURL.`;
}
