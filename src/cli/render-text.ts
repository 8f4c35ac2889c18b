/** Rendered files for people: each under its path, what was assumed at the top. */

import type { RenderedFile, RenderedHost } from './render-host.ts';

/** `why`: why the machines were not asked; undefined when they were. */
export function renderText({ host, assumptions, files }: RenderedHost, why: string | undefined): string {
  const lines = assumptions.map(({ phase, text }) => `#   ${phase}: ${text}`);
  const head =
    lines.length === 0
      ? ''
      : `# ASSUMED for ${host}${why === undefined ? ', where a machine did not answer' : ` (${why})`}:\n${lines.join('\n')}\n\n`;
  return `${head}${files.map(fileText).join('\n')}`;
}

function fileText({ phase, path, mode, owner, block, temporary, content }: RenderedFile): string {
  const how = block === undefined ? `${mode} ${owner}` : `block "trivet ${block}", the rest of the file stays`;
  return `==> ${path} <==  ${how}  (${phase}${temporary ? ', taken away at its end' : ''})\n${content === '' ? nothing(path) : content}`;
}

function nothing(path: string): string {
  return path.endsWith('.crt') ? '(a certificate: made on the machines)\n' : '(empty)\n';
}

/** The files of a phase, or the one of a path; empty when there is neither. */
export function chooseFiles(files: readonly RenderedFile[], only: string | undefined): readonly RenderedFile[] {
  if (only === undefined) return files;
  return files.filter(({ path, phase }) => (only.startsWith('/') ? path === only : phase === only));
}
