/** A scheme in one word: its kind, and after a slash what carries it, as in `vip-on-masters/haproxy` or `local-care/nft`. */

export const schemeWords = [
  'local-care',
  'local-care/nft',
  'local-care/ipvs',
  'local-care/proxy',
  'vip-on-masters',
  'vip-on-masters/none',
  'vip-on-masters/haproxy',
  'vip-on-masters/nginx',
  'external-pair',
  'external-pair/haproxy',
  'external-pair/nginx',
  'external-pair/lvs',
  'external',
  'local-proxy',
  'local-proxy/haproxy',
  'local-proxy/nginx',
] as const;

/** The map that the word is short for. Nothing is checked: a flag's problem is told by whoever reads the map. */
export function schemeOfWord(word: string): { readonly kind: string; readonly proxy?: string; readonly backend?: string } {
  const [kind = '', ...parts] = word.split('/');
  return parts.length === 0 ? { kind } : { kind, [kind === 'local-care' ? 'backend' : 'proxy']: parts.join('/') };
}
