import { accounts } from './en/accounts';
import { check } from './en/check';
import { clients } from './en/clients';
import { common } from './en/common';
import { gateway } from './en/gateway';
import { losses } from './en/losses';
import { overview } from './en/overview';
import { settings } from './en/settings';
import { traffic } from './en/traffic';

/** English, by area; ICU message syntax. Its keys are the type of every other language. */
export const en = {
  ...common,
  ...overview,
  ...accounts,
  ...gateway,
  ...clients,
  ...check,
  ...traffic,
  ...losses,
  ...settings,
};
