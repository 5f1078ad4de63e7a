/** Scrolls the page's own scroller to a section. Element.scrollIntoView would move the frame around it as well. */
export function scrollToSection(id: string): void {
  const section = document.getElementById(id);
  const scroller = section?.closest<HTMLElement>('[data-scroller]');
  if (!section || !scroller) return;
  const top = section.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
  scroller.scrollTop = Math.max(0, top - 16);
}
