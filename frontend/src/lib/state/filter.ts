import type { Exchange } from '$lib/api';

/** One part of a filter text: `field:value` or a plain word; `*` stands for anything. */
interface Term {
  field: string;
  test: (value: string) => boolean;
}

type Read = (exchange: Exchange) => string;

const FIELDS: Readonly<Record<string, Read>> = {
  model: (x) => `${x.model} ${x.resolved_model}`,
  status: (x) => (x.state === 'running' ? 'running' : String(x.status)),
  account: (x) => x.account_name,
  client: (x) => `${x.client} ${x.key_name}`,
  key: (x) => x.key_name,
  protocol: (x) => `${x.client_protocol} ${x.upstream_protocol}`,
  provider: (x) => x.provider,
  path: (x) => x.path,
  code: (x) => x.error_code,
  id: (x) => x.id,
};

export const FILTER_FIELDS: readonly string[] = Object.keys(FIELDS);

const everything: Read = (x) =>
  Object.values(FIELDS)
    .map((read) => read(x))
    .join(' ');

/** Compiles "status:5xx model:claude* kilo" into a test; all parts must hold. */
export function compileFilter(text: string): (exchange: Exchange) => boolean {
  const terms = text.trim().split(/\s+/).filter(Boolean).map(parseTerm);
  return (exchange) => terms.every((term) => term.test((FIELDS[term.field] ?? everything)(exchange)));
}

function parseTerm(part: string): Term {
  const colon = part.indexOf(':');
  const field = colon > 0 ? part.slice(0, colon).toLowerCase() : '';
  if (!(field in FIELDS)) return { field: '', test: contains(part) };
  const value = part.slice(colon + 1);
  return { field, test: field === 'status' ? statusTest(value) : contains(value) };
}

function contains(value: string): (text: string) => boolean {
  const pieces = value.toLowerCase().split('*');
  return (text) => {
    const lower = text.toLowerCase();
    let at = 0;
    for (const piece of pieces) {
      const found = lower.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return true;
  };
}

// "5xx" is a class of codes, "404" one code, "40" a beginning that is still being typed.
function statusTest(value: string): (text: string) => boolean {
  const prefix = value.toLowerCase().replace(/x+$/, '');
  return (text) => text.startsWith(prefix);
}
