import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { ApprovalRow } from '../approval/approval-row.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ApprovalAnswer } from '../run/approval.ts';

type Html = ReturnType<typeof html>;

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
.question { font-size: 1.25rem; white-space: pre-wrap; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid; border-radius: .25rem; padding: .75rem; max-height: 60vh; overflow: auto; }
dt { font-weight: bold; }
dd { margin-left: 1rem; }
label, input, textarea { display: block; width: 100%; box-sizing: border-box; font: inherit; }
label { margin-top: 1rem; }
input, textarea { padding: .5rem; margin-top: .25rem; }
.buttons { display: flex; gap: 1rem; margin-top: 1.5rem; }
button { font: inherit; padding: .6rem 1.5rem; border: 1px solid; border-radius: .25rem; cursor: pointer; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** Nothing is loaded, no script runs, no other page frames it, and the form goes to this page only. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** The question, and a form that answers it. */
export function questionPage({ request, until }: ApprovalRow): Html {
  const { question, details } = request;
  return page(
    'A decision is asked for',
    html`
<p class="question">${question}</p>
${details === null ? '' : html`<h2>Details</h2>${detailsBlock(details)}`}
<form method="post">
<label>Comment (optional)<textarea name="comment" rows="3" maxlength="2000"></textarea></label>
<label>Your name (optional)<input name="by" maxlength="100" autocomplete="name"></label>
<div class="buttons">
<button type="submit" name="decision" value="approve">Approve</button>
<button type="submit" name="decision" value="reject">Reject</button>
</div>
</form>
${about(request, until)}`,
  );
}

/** What was answered. */
export function answeredPage(row: ApprovalRow, title: string): Html {
  const { request, answer } = row;
  return page(
    title,
    html`
<p class="question">${request.question}</p>
${answer && !row.late ? answerBlock(answer) : ''}
${about(request, row.until)}`,
  );
}

export function notePage(title: string, text: string): Html {
  return page(title, html`<p>${text}</p>`);
}

function answerBlock({ approved, comment, by }: ApprovalAnswer): Html {
  return html`<p><strong>${approved ? 'Approved' : 'Rejected'}</strong>${by === null ? '' : html` by ${by}`}.</p>
${comment === null ? '' : html`<pre>${comment}</pre>`}`;
}

/** Texts as they are, line breaks and all; what holds them as headings and lists. */
function detailsBlock(details: Json): Html {
  if (typeof details === 'string') return html`<pre tabindex="0">${details}</pre>`;
  if (typeof details !== 'object' || details === null)
    return html`<p>${JSON.stringify(details)}</p>`;
  if (Array.isArray(details)) {
    return html`<ol>${details.map((each: Json) => html`<li>${detailsBlock(each)}</li>`)}</ol>`;
  }
  return html`<dl>${Object.entries(details as JsonObject).map(
    ([name, each]) => html`<dt>${name}</dt><dd>${detailsBlock(each)}</dd>`,
  )}</dl>`;
}

function about({ workflow, step, run }: ApprovalRow['request'], until: number): Html {
  return html`<p><small>Workflow ${workflow}, step ${step}, run ${run}. To be answered until ${new Date(until * 1000).toISOString()}.</small></p>`;
}

function page(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}
