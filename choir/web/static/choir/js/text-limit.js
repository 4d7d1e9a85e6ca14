// <text-limit class="limit" for="ID" max="300">: how many characters, as people count them, of how many.

const pieces = new Intl.Segmenter(undefined, { granularity: "grapheme" });

class TextLimit extends HTMLElement {
  connectedCallback() {
    this.field = document.getElementById(this.getAttribute("for"));
    this.max = Number(this.getAttribute("max"));
    if (!this.field || !this.max) return;
    this.count = () => {
      let used = 0;
      for (const piece of pieces.segment(this.field.value)) used += piece.segment ? 1 : 0;
      this.textContent = `${used} / ${this.max}`;
      this.dataset.state = used > this.max ? "over" : used > this.max * 0.9 ? "near" : "fine";
      this.field.setAttribute("aria-invalid", String(used > this.max));
    };
    this.field.addEventListener("input", this.count);
    this.count();
  }

  disconnectedCallback() {
    this.field?.removeEventListener("input", this.count);
  }
}

customElements.define("text-limit", TextLimit);
