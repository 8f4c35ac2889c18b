/** The VIP sent to another machine: keepalived stopped on its owner, and started again. */

import type { MachineFault } from './fault.ts';

const unit = 'keepalived.service';

export const vipDrift: MachineFault = {
  kind: 'machine',
  possible: `systemctl is-active --quiet ${unit} || { echo '${unit} does not run there'; exit 1; }\n`,
  inject: `systemctl stop --no-block ${unit}\neffect\nsystemctl stop ${unit}\n`,
  heal: `systemctl start ${unit}\n`,
  gone: `systemctl is-active --quiet ${unit} || { echo '${unit} does not run'; exit 1; }\n`,
};
