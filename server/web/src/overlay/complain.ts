/** Tell who sets the overlay up what is wrong: the console goes into OBS's log, the picture onto the stream. */
export function complain(text: string): void {
  // biome-ignore lint/suspicious/noConsole: the only place for this where no viewer reads it
  console.warn(`overlay: ${text}`);
}
