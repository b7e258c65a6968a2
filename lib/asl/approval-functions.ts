import type { ApprovalFunctionNeed, FunctionNeedBase } from './compiled.ts';

/** Shows a question to whoever has its link, and takes the answer. No document calls it. */
export interface ApprovalLinkFunctionNeed extends Omit<FunctionNeedBase, 'placeholder'> {
  readonly kind: 'approval-link';
  readonly serves: string;
}

/** Keeps a question, makes its link and announces it: the function of every approval. */
export const askingFunction: ApprovalFunctionNeed = {
  kind: 'approval',
  placeholder: 'Approval',
  name: 'approval',
  timeoutSeconds: 30,
};

/** Comes with it. An HTTP API waits 30 seconds for its integration. */
export const answeringFunction: ApprovalLinkFunctionNeed = {
  kind: 'approval-link',
  name: 'approval-link',
  timeoutSeconds: 29,
  answersTokens: true,
  serves: 'approvals',
};
