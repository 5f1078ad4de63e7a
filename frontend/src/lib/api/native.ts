interface NativeDesktop {
  go?: { main?: { Desktop?: { OpenURL?: (url: string) => Promise<void> } } };
}

/** Opens an address outside the app: the system's browser from the window, a new tab from the console. */
export function openExternal(url: string): void {
  if (!/^https:\/\//.test(url)) return;
  const open = (window as unknown as NativeDesktop).go?.main?.Desktop?.OpenURL;
  if (open) void open(url);
  else window.open(url, '_blank', 'noopener,noreferrer');
}
