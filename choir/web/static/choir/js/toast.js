// <toast-message class="toast" seconds="6">: goes by itself, unless pointed at, focused or without seconds.

class ToastMessage extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-dismisses]")) this.leave();
    });
    const seconds = Number(this.getAttribute("seconds"));
    if (!seconds) return;
    const start = () => {
      this.timer = setTimeout(() => this.leave(), seconds * 1000);
    };
    const hold = () => clearTimeout(this.timer);
    this.addEventListener("pointerenter", hold);
    this.addEventListener("focusin", hold);
    this.addEventListener("pointerleave", start);
    this.addEventListener("focusout", start);
    start();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  leave() {
    this.classList.add("is-leaving");
    setTimeout(() => this.remove(), 200);
  }
}

customElements.define("toast-message", ToastMessage);
