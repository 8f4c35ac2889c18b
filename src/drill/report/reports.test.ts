import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRecording } from '../recording/read-recording.ts';
import type { Recording } from '../recording/recording.ts';
import { htmlReport } from './html-report.ts';
import { jsonReport } from './json-report.ts';
import { judged } from './judged.ts';
import { markdownReport } from './markdown-report.ts';
import { textReport } from './text-report.ts';

const testdata = join(import.meta.dirname, '..', 'testdata');
const [pass, over, lost] = await Promise.all(
  ['pass', 'over-budget', 'lost-write'].map((name) => readRecording(join(testdata, `${name}.ndjson`))),
);
const three = [pass, over, lost].flatMap((recording) => (recording === undefined ? [] : [judged(recording)]));

/** Reviewed: TRIVET_UPDATE_GOLDEN=1 writes it anew. */
function expectGolden(name: string, text: string): void {
  const path = join(testdata, name);
  if (process.env.TRIVET_UPDATE_GOLDEN === '1') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

/** Every text in it is an attack. */
function hostile(): Recording {
  const text = `</script><script>alert(1)</script><img src=x onerror="alert('2')">|`;
  if (pass === undefined) throw new Error('no recording');
  const lines = pass.lines.map(({ line, event }) => {
    if (event.kind === 'probe') return { line, event: { ...event, from: text, ...(event.ok ? {} : { detail: text }) } };
    if (event.kind === 'vip') return { line, event: { ...event, owner: text } };
    if (event.kind === 'health') return { line, event: { ...event, healthy: false, problems: [text] } };
    return { line, event };
  });
  return { ...pass, name: text, header: { ...pass.header, cluster: text, fault: text, scheme: text }, lines };
}

describe('textReport', () => {
  it('shows verdict, time line, figures and events; several are compared', () => {
    expectGolden('report.txt', textReport(three, 100));
  });

  it('keeps its lines within the terminal', () => {
    const strips = textReport(three.slice(0, 1), 80)
      .split('\n')
      .filter((line) => /[█│]/.test(line));
    expect(strips.length).toBeGreaterThan(4);
    expect(Math.max(...strips.map((line) => [...line].length))).toBeLessThanOrEqual(80);
  });
});

describe('a suite', () => {
  const suite = [...three, ...three];

  it('begins with a line for each recording, and what speaks against it', () => {
    const lines = textReport(suite, 100).split('\n');
    const head = lines.findIndex((line) => line.startsWith('recording '));
    expect(lines[head + 3]).toMatch(
      /^lost-write\.ndjson +vip-on-masters\/none +power-off of m1 +fail +0\.60 s +73 +2 +2\.40 s +2 acknowledged writes/,
    );
    expect(markdownReport(suite).split('\n')[2]).toMatch(
      /^\| pass\.ndjson \| vip-on-masters\/none \| power-off of m1 \| ✅ pass \| 0\.60 s \|/,
    );
  });

  it('leads from each line to its recording', () => {
    const page = htmlReport(suite);
    for (const number of [1, 6]) {
      expect(page).toContain(`<a href="#r${number}">`);
      expect(page).toContain(`<section id="r${number}"`);
    }
    expect(page).toContain('<p>2 pass, 4 fail</p>');
  });
});

describe('markdownReport', () => {
  it('is tables for CI', () => {
    expectGolden('report.md', markdownReport(three));
  });

  it('lets no text of a recording become markup', () => {
    expect(markdownReport([judged(hostile())])).not.toMatch(/(?<!\\)<(script|img)/);
  });
});

describe('jsonReport', () => {
  it('has the verdict of each recording', () => {
    const { recordings } = JSON.parse(JSON.stringify(jsonReport(three)));
    expect(recordings.map((one: { verdict: { result: string } }) => one.verdict.result)).toEqual(['pass', 'fail', 'fail']);
  });
});

describe('htmlReport', () => {
  const page = htmlReport(three);

  it('asks the network for nothing', () => {
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|\/\/[a-z]|@import|url\(|<link|\ssrc=/);
  });

  it('has a policy that lets only its own script and style run', () => {
    expect(page).toMatch(
      /content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'"/,
    );
    expect(page).not.toMatch(/\sstyle=|\son[a-z]+=/);
  });

  it('says the verdicts without any script', () => {
    const still = page.replace(/<script[\s\S]*?<\/script>/g, '');
    expect(still).toContain('2 acknowledged writes from outside lost: #40, #41');
    expect(still.match(/<span class="verdict fail">fail<\/span>/g)).toHaveLength(4);
  });

  it('lets no text of a recording become markup', () => {
    const attacked = htmlReport([judged(hostile())]);
    expect(attacked.match(/<script/g)).toHaveLength(2);
    expect(attacked).not.toMatch(/<img|onerror="/);
  });
});
