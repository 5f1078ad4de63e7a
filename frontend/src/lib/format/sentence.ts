/** A message of the Go side as a sentence of its own: with a capital, unless it begins with a path or a name. */
export function sentence(text: string): string {
  return /^[a-z]+[ :,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
