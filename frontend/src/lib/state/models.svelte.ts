import { api, type Model } from '$lib/api';
import { Resource } from './resource.svelte';

/** The model names that clients can ask for now. */
export const models = new Resource<Model[]>(() => api.Models());
