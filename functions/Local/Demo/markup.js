/**
 * Lets markup with style attributes work under a policy that forbids inline styles (CSP, style-src without unsafe-inline). The chart library
 * writes its cells in this way and has no other. A browser refuses a style that is parsed, wherever that happens, and allows one
 * that is set as a property: so the attributes get another name before they are parsed, and are set afterwards.
 */
const inner = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');

/** A start tag; what is quoted in it may hold anything. */
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^"'>])*>/gi;

/** In a tag: something quoted, or the name of a style attribute. */
const QUOTED_OR_STYLE = /("[^"]*"|'[^']*')|(\s)style(?=\s*=)/gi;

Object.defineProperty(Element.prototype, 'innerHTML', {
  ...inner,
  set(markup) {
    inner.set.call(
      this,
      String(markup ?? '').replace(TAG, tag =>
        tag.replace(QUOTED_OR_STYLE, (found, quoted, space) => quoted ?? `${space}data-style`)
      )
    );
    for (const element of this.querySelectorAll('[data-style]')) {
      element.style.cssText = element.dataset.style;
      delete element.dataset.style;
    }
  }
});
