const NAMES: Readonly<Record<string, string>> = {
  openai: 'Chat',
  'openai-chat': 'Chat',
  'openai-responses': 'Responses',
  responses: 'Responses',
  anthropic: 'Anthropic',
  gemini: 'Gemini',
  loopback: 'Loopback',
  none: '–',
};

/** The short name of a protocol, as the vendors' users call it; proper names, not to be translated. */
export function protocolName(protocol: string): string {
  return NAMES[protocol] ?? protocol;
}
