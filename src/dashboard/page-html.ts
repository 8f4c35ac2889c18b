/** The dashboard's page: one answer with everything in it, so that the first picture needs no second question. */

import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { escapeHtml, jsonForScript } from '../drill/report/escape-html.ts';
import type { View } from './page/page-data.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/** For the header: nothing but its own script and style, asking nobody but its own server, in no other page. */
export const pagePolicy = [
  `default-src 'none'`,
  `script-src '${digest(pageScript)}'`,
  `style-src '${digest(pageStyle)}'`,
  `connect-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

export function pageHtml(view: View): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(view.cluster)} – trivet</title>
<style>${pageStyle}</style>
</head>
<body>
<a class="skip" href="#machines">to the machines</a>
<header>
<h1>${escapeHtml(view.cluster)} <small>${escapeHtml(view.scheme)}</small></h1>
<p id="health" class="verdict"></p>
<p id="looked" class="quiet"></p>
<p id="news" role="status" aria-live="polite">nothing has changed since this page was opened</p>
</header>
<noscript><p>This page is drawn by its own script, which does not run here. In a terminal: trivet status.</p></noscript>
<main>
<section id="problems" aria-labelledby="problems-title" hidden><h2 id="problems-title">Problems</h2><ul></ul></section>
<section id="summary" aria-label="endpoint, etcd and leaders"><dl></dl></section>
<section id="machines" aria-labelledby="machines-title" tabindex="-1"><h2 id="machines-title">Machines</h2><ul class="cards"></ul></section>
<section id="drill" aria-labelledby="drill-title" hidden></section>
<section id="more-machines" aria-labelledby="more-title" hidden><h2 id="more-title">Workers</h2><ul class="tiles"></ul></section>
<section id="recordings" aria-labelledby="recordings-title"><h2 id="recordings-title">Recordings</h2></section>
</main>
<script type="application/json" id="data">${jsonForScript({ kind: 'view', view, nowMs: performance.now() })}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

function digest(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}
