import IntlMessageFormat from 'intl-messageformat';
import { en } from './en';

export type MessageKey = keyof typeof en;
export type MessageValues = Record<string, string | number>;
/** A language is complete or it is not one: every key of English has to be there. */
export type Catalogue = Readonly<Record<MessageKey, string>>;

const catalogues: Readonly<Record<string, Catalogue>> = { en };
export const FALLBACK = 'en';

let language = $state(FALLBACK);
const compiled = new Map<string, IntlMessageFormat>();

/** Chooses the language; an unknown or empty tag gives the system's if there is one, else English. */
export function setLanguage(tag: string): void {
  const wanted = (tag || navigator.language).split('-')[0] ?? FALLBACK;
  language = wanted in catalogues ? wanted : FALLBACK;
  document.documentElement.lang = language;
}

/** The text of a key in the present language, with its values put in (ICU message syntax). */
export function t(key: MessageKey, values?: MessageValues): string {
  const id = `${language}:${key}`;
  let message = compiled.get(id);
  if (!message) {
    message = new IntlMessageFormat((catalogues[language] ?? en)[key], language, undefined, {
      ignoreTag: true,
    });
    compiled.set(id, message);
  }
  return message.format(values) as string;
}
