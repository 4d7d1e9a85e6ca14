// <bulk-count>: how many rows of its form are chosen; <input data-chooses-all> chooses all of them.

class BulkCount extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.form?.addEventListener("change", (event) => {
      if (event.target.matches("[data-chooses-all]")) {
        this.boxes.forEach((box) => {
          box.checked = event.target.checked;
        });
      }
      this.textContent = String(this.boxes.filter((box) => box.checked).length);
    });
  }

  get boxes() {
    return [...this.form.querySelectorAll(".row__pick input, td input[name=chosen]")];
  }
}

customElements.define("bulk-count", BulkCount);
