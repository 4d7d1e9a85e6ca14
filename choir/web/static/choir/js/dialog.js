// data-opens="ID" opens the <dialog id="ID">; data-closes closes the dialog around it; so does a click
// on the backdrop. A dialog that htmx puts on the page with data-open-now opens itself.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (dialog && !dialog.open) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
    return;
  }
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const outside =
      event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (outside && event.detail) event.target.close();
  }
});

document.addEventListener("htmx:load", (event) => {
  const part = event.detail.elt;
  const dialog = part.matches?.("dialog[data-open-now]") ? part : part.querySelector?.("dialog[data-open-now]");
  if (dialog && !dialog.open) dialog.showModal();
});
