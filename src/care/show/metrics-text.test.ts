import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleStatus } from '../../../test/care/example-status.ts';
import { expectGolden } from '../../../test/contract/golden-file.ts';
import { metrics, metricsText } from './metrics-text.ts';

const reference = `# Metrics of trivet care

Made from src/care/show/metrics-text.ts; do not edit by hand. Fetched with \`curl --unix-socket /run/trivet-care/care.sock http://localhost/metrics\`, or from the loopback address of \`--metrics\`. \`backend\` is IP:PORT, IPv6 in brackets.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
${metrics
  .map(({ name, type, help, samples }) => {
    const labels = Object.keys(samples(exampleStatus)[0]?.labels ?? {}).map((label) => `\`${label}\``);
    return `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help} |\n`;
  })
  .join('')}
Worth an alert: \`trivet_care_serving == 0\` for 5 s; \`trivet_care_backend_up == 0\` for a minute; \`trivet_care_table_in_sync == 0\` for 10 s; \`increase(trivet_care_backend_transitions_total[10m]) > 6\` (flapping); \`time() - trivet_care_discovery_last_success_timestamp_seconds > 600\`.

A whole page, of a daemon with one backend down and one draining:

\`\`\`text
${metricsText(exampleStatus)}\`\`\`
`;

describe('metricsText', () => {
  it('is as in docs/reference/care-metrics.md', () => expectGolden('../../docs/reference/care-metrics.md', reference));

  it('leaves out what is not known: no discovery, no connections', () => {
    const text = metricsText({ ...exampleStatus, backends: [], discovery: { kind: 'off' } });
    expect(text).not.toContain('discovery');
    expect(text).not.toContain('backend_connections');
    const failing = metricsText({ ...exampleStatus, discovery: { kind: 'failing', why: 'x', remedy: null, lastSuccess: null } });
    expect(failing).toContain('trivet_care_discovery_following 0\n');
    expect(failing).not.toContain('last_success');
  });

  it('escapes whatever a label holds, so that every line stays a sample or a comment', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '}', ' ', '#', 'ü') }), (version) => {
        const text = metricsText({ ...exampleStatus, version });
        for (const line of text.trimEnd().split('\n')) {
          expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{([a-z]+="([^"\\]|\\["\\n])*",?)*\})? [0-9.e+-]+)$/);
        }
        const label = /build_info\{version="((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? '';
        expect(label.replace(/\\(.)/g, (_all, one) => (one === 'n' ? '\n' : one))).toBe(version);
      }),
    );
  });
});
