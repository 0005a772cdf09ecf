// Parts of a page that bring themselves up to date must not disturb whoever is at them: what is being filled in or copied
// stays as it is until they have left it, the focus stays where it is, and what has not changed is not touched.
"use strict";
(() => {
  const FILLED_IN = "input:not([type=hidden]), select, textarea";
  // What had the focus in a part that is being replaced.
  let left = null;

  const isInUse = (part) => {
    const active = document.activeElement;
    const selected = getSelection();
    return (part.contains(active) && active.matches(FILLED_IN))
      || part.querySelector("details[open] form") !== null
      || (selected !== null && !selected.isCollapsed && selected.containsNode(part, true));
  };

  const isAsItWas = (part, fresh) =>
    fresh !== null && fresh.hidden === part.hidden && fresh.innerHTML === part.innerHTML;

  // What tells a link or a button from the others of its part, before and after.
  const nameOf = (element) => {
    const words = element.textContent.trim();
    if (element.matches("a[href]")) return `${element.getAttribute("href")} ${words}`;
    if (element.form) return `${element.form.getAttribute("action")} ${words}`;
    return words;
  };

  const leave = (part) => {
    const active = document.activeElement;
    if (part.contains(active) && active !== part) {
      left = { part: part.id, tag: active.tagName, name: nameOf(active) };
    }
  };

  const comeBack = () => {
    const part = left === null ? null : document.getElementById(left.part);
    if (part === null) return;
    const same = [...part.querySelectorAll(left.tag)].find((element) => nameOf(element) === left.name);
    left = null;
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    if (same === undefined) {
      // It is gone: the keyboard goes on from where it was.
      part.setAttribute("tabindex", "-1");
      part.focus({ preventScroll: true });
    } else {
      same.focus({ preventScroll: true });
    }
  };

  const decide = (event, part, fresh) => {
    if (isInUse(part) || isAsItWas(part, fresh)) event.detail.shouldSwap = false;
    else leave(part);
  };

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    decide(event, target, fragment instanceof DocumentFragment ? fragment.firstElementChild : fragment);
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, serverResponse } = event.detail;
    // Where it asks for other parts, each is decided about by itself.
    if (target.hasAttribute("hx-select-oob") || target.id === "") return;
    const answer = new DOMParser().parseFromString(serverResponse, "text/html");
    decide(event, target, answer.getElementById(target.id));
  });

  document.addEventListener("htmx:oobAfterSwap", comeBack);
  document.addEventListener("htmx:afterSwap", comeBack);
})();
