/**
 * Makes markup with style attributes work under a policy that forbids inline styles (CSP, style-src without
 * unsafe-inline). The chart library writes its cells in this way only. Browsers refuse a style that is parsed, wherever
 * that happens, but allow one that is set as a property. So the attributes are renamed before parsing and applied
 * afterwards.
 */
const inner = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');

/** A start tag; quoted values in it may hold anything. */
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^"'>])*>/gi;

/** Inside a tag: a quoted value, or the name of a style attribute. */
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
