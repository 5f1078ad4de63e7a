/** The shape in which both transports report a failed verb (backend/fault.Public). */
export interface Problem {
  code: string;
  message: string;
  hint: string;
}

/** A failed call: `code` is stable, `message` and `hint` are words for a person. */
export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'ApiError';
    this.code = problem.code;
    this.hint = problem.hint;
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Turns whatever a transport threw or answered into an ApiError. */
export function toApiError(raw: unknown): ApiError {
  if (raw instanceof ApiError) return raw;
  const value = unwrap(raw);
  if (typeof value === 'object' && value !== null) {
    const fields = value as Record<string, unknown>;
    const message = text(fields['message']);
    if (message)
      return new ApiError({ code: text(fields['code']) || 'internal', message, hint: text(fields['hint']) });
  }
  if (typeof value === 'string' && value !== '')
    return new ApiError({ code: 'internal', message: value, hint: '' });
  return new ApiError({ code: 'internal', message: 'Something failed without saying why.', hint: '' });
}

// Wails hands the formatted error over either as an object or as JSON text; the RPC handler wraps it in `error`.
function unwrap(raw: unknown): unknown {
  if (typeof raw === 'string' && raw.trimStart().startsWith('{')) {
    try {
      return unwrap(JSON.parse(raw));
    } catch {
      return raw;
    }
  }
  if (typeof raw === 'object' && raw !== null && 'error' in raw && typeof raw.error === 'object')
    return raw.error;
  return raw;
}
