// Makes text from files and hosts safe to print: no control character reaches the terminal.

/**
 * The text with control characters (except line feed and tab), and the Unicode marks that turn the
 * direction of writing, shown as escapes such as \u001b.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** As `printable`, on one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
