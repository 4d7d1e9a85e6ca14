// <theme-switch> around a form of radio buttons named "theme": the page changes at once, the form saves it.

class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => {
      if (event.target.name !== "theme") return;
      const theme = event.target.value;
      if (theme === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = theme;
      if (this.hasAttribute("saves")) event.target.form?.requestSubmit();
    });
  }
}

customElements.define("theme-switch", ThemeSwitch);
