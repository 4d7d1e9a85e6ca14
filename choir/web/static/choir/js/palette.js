// <command-palette> inside its dialog: an input and a list. What the page can do (links and buttons with
// data-palette, and everything with a key) is found here; people, customers and conversations come from the
// server into the element marked data-found, through htmx.

const plain = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();

class CommandPalette extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.local = this.querySelector("[data-local]");
    this.none = this.querySelector("[data-none]");
    this.closest("dialog").addEventListener("toggle", (event) => {
      if (event.newState !== "open") return;
      this.input.value = "";
      this.find();
    });
    this.input.addEventListener("input", () => this.find());
    this.addEventListener("keydown", (event) => this.press(event));
    this.addEventListener("htmx:afterSwap", () => this.select(0));
    this.local.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item?.target) this.run(item);
    });
  }

  get items() {
    return [...this.querySelectorAll("[role=option]")];
  }

  commands() {
    const seen = new Set();
    return [...document.querySelectorAll("[data-palette], [data-key]:not([data-opens=palette])")].filter((element) => {
      const words = this.words(element);
      if (this.contains(element) || !words || seen.has(words) || element.disabled) return false;
      seen.add(words);
      return true;
    });
  }

  words(element) {
    const words = element.dataset.palette || element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent;
    return words.trim().replace(/\s+/g, " ");
  }

  find() {
    const wanted = plain(this.input.value).split(/\s+/).filter(Boolean);
    const found = this.commands().filter((element) => {
      const words = plain(this.words(element));
      return wanted.every((word) => words.includes(word));
    });
    this.local.replaceChildren(...found.slice(0, 12).map((element, place) => this.item(element, place)));
    this.select(0);
  }

  item(element, place) {
    const item = document.createElement("div");
    item.className = "palette__item";
    item.id = `palette-item-${place}`;
    item.role = "option";
    item.target = element;
    const icon = element.querySelector("svg.icon")?.cloneNode(true);
    if (icon) item.append(icon);
    item.append(Object.assign(document.createElement("span"), { textContent: this.words(element) }));
    if (element.dataset.key) {
      const keys = Object.assign(document.createElement("span"), { className: "keys" });
      for (const cap of element.dataset.key.replace("mod+", "Ctrl ").split(" ")) {
        keys.append(Object.assign(document.createElement("kbd"), { textContent: cap }));
      }
      item.append(keys);
    }
    return item;
  }

  select(place) {
    const items = this.items;
    items.forEach((item, index) => item.setAttribute("aria-selected", String(index === place)));
    this.none.hidden = items.length > 0;
    if (items[place]) {
      this.input.setAttribute("aria-activedescendant", items[place].id);
      items[place].scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  press(event) {
    const items = this.items;
    const here = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") this.select(Math.min(here + 1, items.length - 1));
    else if (event.key === "ArrowUp") this.select(Math.max(here - 1, 0));
    else if (event.key === "Enter" && items[here]) this.run(items[here]);
    else return;
    event.preventDefault();
  }

  run(item) {
    this.closest("dialog").close();
    if (item.target instanceof Element) {
      if (item.target.matches("input, textarea, select")) item.target.focus();
      else item.target.click();
    } else {
      item.click();
    }
  }
}

customElements.define("command-palette", CommandPalette);
