/** trivet schemes: every way to keep the endpoint alive, with what it survives and costs. */

import { describeSchemes } from '../describe-schemes.ts';
import { schemesText } from '../schemes-text.ts';

export function schemes(options: { readonly output?: 'text' | 'json' }): void {
  const described = describeSchemes();
  process.stdout.write(options.output === 'json' ? `${JSON.stringify({ schemes: described }, null, 2)}\n` : schemesText(described));
}
