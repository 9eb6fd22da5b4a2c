// Text from a host is hostile: it must not steer the terminal of the one who reads it.

/**
 * The text without control characters and escapes, each shown as `?`; line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, "?");
}
