import { expect, test } from 'vitest';
import { surroundings } from './surroundings.ts';

test('surroundings: a Debian 13 virtual machine', () => {
  expect(surroundings.parse({ code: 0, stdout: 'cgroup2fs\nnone\nY\n', stderr: '' })).toEqual({
    cgroupV1: false,
    insideContainer: false,
    appArmor: true,
  });
});

test('surroundings: a machine of the lab', () => {
  expect(surroundings.parse({ code: 0, stdout: 'tmpfs\nsystemd-nspawn\nN\n', stderr: '' })).toEqual({
    cgroupV1: true,
    insideContainer: true,
    appArmor: false,
  });
});
