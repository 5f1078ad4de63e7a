const PAGES: Readonly<Record<string, string>> = {
  program: 'gateway/server',
  port: 'gateway/server',
  address: 'gateway/server',
  lan: 'gateway/access',
  clients: 'traffic',
  key: 'gateway/keys',
  accounts: 'accounts',
  model: 'accounts',
  account_answer: 'accounts',
};

/** The page where the cure of a step is carried out, if it is one of ours. */
export const curePage = (step: string): string | undefined => PAGES[step];
