// <key-sheet>: lists the keys this page answers to, read from the page itself when its dialog opens.
// Elements name their place on the sheet with data-key-group; their words are data-key-label, aria-label or text.

const shown = { "mod+Enter": ["Ctrl", "Enter"], "mod+k": ["Ctrl", "K"] };

function capsFor(key) {
  const caps = document.createElement("dd");
  caps.className = "keys";
  for (const cap of shown[key] || key.split(" ")) {
    caps.append(Object.assign(document.createElement("kbd"), { textContent: cap }));
  }
  return caps;
}

function wordsFor(element) {
  const words = element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent;
  return words.trim().replace(/\s+/g, " ");
}

class KeySheet extends HTMLElement {
  connectedCallback() {
    this.closest("dialog")?.addEventListener("toggle", () => this.fill());
  }

  fill() {
    const groups = new Map();
    const seen = new Set();
    for (const element of document.querySelectorAll("[data-key]")) {
      if (seen.has(element.dataset.key)) continue;
      seen.add(element.dataset.key);
      const group = element.closest("[data-key-group]")?.dataset.keyGroup || this.dataset.otherwise;
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(element);
    }
    this.replaceChildren(
      ...[...groups].map(([group, elements]) => {
        const section = document.createElement("section");
        const list = document.createElement("dl");
        section.append(Object.assign(document.createElement("h3"), { textContent: group }), list);
        for (const element of elements) {
          list.append(Object.assign(document.createElement("dt"), { textContent: wordsFor(element) }));
          list.append(capsFor(element.dataset.key));
        }
        return section;
      }),
    );
  }
}

customElements.define("key-sheet", KeySheet);
