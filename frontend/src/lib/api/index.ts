export { api } from './client';
export { ApiError, toApiError } from './errors';
export { inWindow } from './bridge';
export type * from './types';
