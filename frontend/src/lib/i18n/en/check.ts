export const check = {
  'check.account': 'Ask a real account too',
  'check.empty': 'Is everything in place, from the client’s address to an account’s answer?',
  'check.empty.hint': 'The check looks at each step and names the cure of what is wrong.',
  'check.result':
    '{bad, plural, =0 {{warn, plural, =0 {All is well.} one {It works, with one thing to know.} other {It works, with # things to know.}}} one {One thing stands in the way.} other {# things stand in the way.}}',
  'check.run': 'Check now',
  'check.running': 'Checking… {done, plural, =0 {} one {one step done} other {# steps done}}',
  'check.state.bad': 'stands in the way',
  'check.state.ok': 'in order',
  'check.state.skipped': 'not looked at',
  'check.state.warn': 'worth knowing',
  'check.title': 'From client to answer',
  'explain.help': 'What you have entered in a client, or the path of a request that failed.',
  'explain.label': 'Base URL or path',
  'explain.run': 'Explain',
  'explain.title': 'Explain a base URL',
} as const;
