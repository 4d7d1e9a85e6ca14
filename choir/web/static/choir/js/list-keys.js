// <list-keys> around a list of rows: j and k move through the links marked data-row, Enter opens
// (it is a link), x chooses the row's checkbox. Moving goes on from the open row.

class ListKeys extends HTMLElement {
  connectedCallback() {
    this.listen = (event) => this.press(event);
    document.addEventListener("keydown", this.listen);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.listen);
  }

  get rows() {
    return [...this.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility?.() ?? true);
  }

  press(event) {
    const typing = event.target.matches("textarea, select, input:not([type=checkbox]), [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
    if (!["j", "k", "x"].includes(event.key)) return;
    const rows = this.rows;
    if (!rows.length) return;
    let here = rows.findIndex((row) => row === document.activeElement || row.parentElement.contains(document.activeElement));
    if (here < 0) here = rows.findIndex((row) => row.hasAttribute("aria-current"));
    event.preventDefault();
    if (event.key === "x") {
      rows[here]?.closest(".row, tr")?.querySelector("input[type=checkbox]")?.click();
      rows[here]?.focus();
      return;
    }
    const next = event.key === "j" ? Math.min(here + 1, rows.length - 1) : Math.max(here - 1, 0);
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  }
}

customElements.define("list-keys", ListKeys);
