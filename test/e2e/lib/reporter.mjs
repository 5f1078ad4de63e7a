// Prints one line a judge, and at the end `N passed, N failed`.
export default async function* report(events) {
  let passed = 0;
  let failed = 0;
  const path = [];
  for await (const { type, data } of events) {
    switch (type) {
      case 'test:start':
        path[data.nesting] = data.name;
        break;
      case 'test:diagnostic':
        if (data.nesting > 0 && data.level === 'info') yield `        ${data.message}\n`;
        break;
      case 'test:stdout':
      case 'test:stderr':
        yield data.message;
        break;
      case 'test:pass':
      case 'test:fail': {
        if (data.details.type === 'suite') {
          // What stands before its judges may fail; their own failures are told below.
          if (data.details.error?.failureType === 'hookFailed') yield `${explain(data.details.error)}\n`;
          break;
        }
        const name = [...path.slice(0, data.nesting), data.name].join(' > ');
        const ms = Math.round(data.details.duration_ms);
        // A judge that did not run counts as failed.
        const ok = type === 'test:pass' && !data.skip && !data.todo;
        if (ok) passed++;
        else failed++;
        yield `${ok ? 'ok    ' : 'FAILED'} ${String(ms).padStart(6)} ms  ${name}\n`;
        if (!ok) yield `${explain(data.details.error ?? { message: 'skipped' })}\n`;
        break;
      }
    }
  }
  yield `${passed} passed, ${failed + (passed + failed === 0 ? 1 : 0)} failed\n`;
}

function explain(error) {
  const cause = error.cause ?? error;
  const text = String(cause.stack ?? cause.message ?? cause);
  return text
    .slice(0, 6000)
    .split('\n')
    .map((line) => `         ${line}`)
    .join('\n');
}
