/* Suggestions as one types in the search box, as an ARIA combobox. Without this file the form works as it is. */
"use strict";
(() => {
  const WAIT = 150; // milliseconds without a key before the site is asked
  const KEPT = 50; // answers remembered while the page is open
  const box = document.getElementById("q");
  const list = document.getElementById("suggestions");
  const status = document.getElementById("suggested");
  if (!box || !list || !status || !window.fetch || !window.AbortController) return;

  const known = new Map();
  let timer = 0;
  let asking = null;
  let active = -1;

  box.type = "text"; // a combobox is a text field; the keyboards of phones still offer to search
  const said = {
    role: "combobox", autocomplete: "off", inputmode: "search", enterkeyhint: "search", spellcheck: "false",
    "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  };
  for (const [name, value] of Object.entries(said)) box.setAttribute(name, value);

  const options = () => Array.from(list.children);
  const typed = () => box.value.trim();

  function activate(number) {
    const all = options();
    active = number;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    if (active < 0) {
      box.removeAttribute("aria-activedescendant");
    } else {
      box.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    }
  }

  function stop() {
    clearTimeout(timer);
    if (asking) asking.abort();
    asking = null;
  }

  function close() {
    stop();
    activate(-1);
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    status.textContent = "";
  }

  function line(name, text) {
    const made = document.createElement("span");
    made.className = name;
    made.textContent = text;
    return made;
  }

  function draw(found) {
    list.replaceChildren();
    found.forEach((one, at) => {
      const option = document.createElement("li");
      option.id = `suggestion-${at}`;
      option.setAttribute("role", "option");
      option.dataset.address = one.address;
      option.append(line("what", one.title), " ", line("quiet", one.note ? `${one.words} · ${one.note}` : one.words));
      list.append(option);
    });
    activate(-1);
    list.hidden = found.length === 0;
    box.setAttribute("aria-expanded", String(found.length > 0));
    status.textContent = found.length ? list.dataset.some.replace("{number}", found.length) : list.dataset.none;
  }

  function ours(address) {
    const place = new URL(address, location.href);
    return place.origin === location.origin ? place.href : "";
  }

  function go(option) {
    const place = ours(option.dataset.address);
    close();
    if (place) location.assign(place);
  }

  async function ask() {
    const query = typed();
    if (!query) return close();
    if (known.has(query)) return draw(known.get(query));
    stop();
    const mine = new AbortController();
    asking = mine;
    try {
      const answer = await fetch(`${list.dataset.address}?q=${encodeURIComponent(query)}`, { signal: mine.signal });
      if (!answer.ok) return undefined;
      const found = (await answer.json()).suggestions;
      if (known.size >= KEPT) known.clear();
      known.set(query, found);
      if (asking === mine && typed() === query && document.activeElement === box) draw(found);
    } catch (error) {
      // Aborted for a newer question, or the network is gone: the form still searches.
      if (asking === mine) close();
    }
    return undefined;
  }

  function later() {
    stop();
    if (!typed()) return close();
    activate(-1);
    timer = setTimeout(ask, WAIT);
    return undefined;
  }

  function move(step) {
    const count = options().length;
    if (list.hidden || !count) return void ask();
    stop(); // what is still to come must not take the list away from under who chooses in it
    const from = active < 0 && step < 0 ? count : active;
    activate(from + step >= count ? -1 : from + step);
    return undefined;
  }

  box.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  box.addEventListener("compositionend", later);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return; // the keys are the input method's, as when typing Chinese
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      if (list.hidden) box.value = "";
      else event.preventDefault();
      close();
    } else if (event.key === "Enter") {
      if (!list.hidden && active >= 0) {
        event.preventDefault();
        go(options()[active]);
      } else {
        close();
      }
    }
  });
  box.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the box in focus until the click
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(option);
  });
  window.addEventListener("pagehide", close);
})();

/* Datasette's menus of columns, which it makes for a mouse alone, by keyboard: Enter opens one and Escape leaves it. */
document.addEventListener("DOMContentLoaded", () => {
  const menu = document.querySelector(".dropdown-menu");
  if (!menu || !document.body.classList.contains("tables")) return;
  const shown = () => menu.style.display !== "none";
  let opener = null;

  for (const icon of document.querySelectorAll("svg.dropdown-menu-icon")) {
    const column = icon.closest("th").dataset.column;
    const said = { role: "button", tabindex: "0", "aria-haspopup": "true", "aria-expanded": "false" };
    for (const [name, value] of Object.entries(said)) icon.setAttribute(name, value);
    icon.setAttribute("aria-label", `Menu of column ${column}`);
    icon.addEventListener("click", () => { opener = icon; icon.setAttribute("aria-expanded", "true"); });
    icon.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      icon.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      const first = Array.from(menu.querySelectorAll("a")).find((link) => link.offsetParent);
      if (first) first.focus();
    });
  }
  const close = () => {
    menu.style.display = "none";
    opener.setAttribute("aria-expanded", "false");
  };
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !opener) return;
    close();
    opener.focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (opener && shown() && !menu.contains(event.relatedTarget)) close();
  });
});
