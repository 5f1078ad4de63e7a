import type { Key, Model } from '$lib/api';
import type { Choice } from '$lib/ui/choice';

/** The client keys that would be let in, to choose from. */
export function usableKeys(keys: readonly Key[]): Choice<string>[] {
  return keys
    .filter((key) => key.enabled && !key.expired)
    .map((key) => ({ value: key.id, label: key.name, hint: `${key.prefix}…` }));
}

/** The models that are served now, with who serves them. */
export function modelChoices(models: readonly Model[]): Choice<string>[] {
  return models.map(({ id, provider }) => ({ value: id, label: id, hint: provider }));
}
