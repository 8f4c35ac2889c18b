import { expect, test } from 'vitest';
import { buildScript, kernelConfiguration, kernelName } from './kernel-recipe.ts';

test('kernelConfiguration names no option twice, and has IPVS as modules with the NAT that it needs', () => {
  const names = kernelConfiguration.map((line) => line.split('=')[0]);
  expect(new Set(names).size).toBe(names.length);
  expect(kernelConfiguration).toEqual(
    expect.arrayContaining(['CONFIG_IP_VS=m', 'CONFIG_IP_VS_RR=m', 'CONFIG_IP_VS_NFCT=y', 'CONFIG_NFT_MASQ=y', 'CONFIG_NF_TABLES_IPV4=y']),
  );
});

test('buildScript names no host: mirrors are those of the box', () => {
  expect(buildScript).not.toMatch(/https?:|\w\.(org|com|net)\b/);
});

test('kernelName is a plain directory name', () => {
  expect(kernelName()).toMatch(/^kernel-[0-9a-f]{12}$/);
});
