// What was chosen is attached at once, without a second button.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches?.("input[data-attaches]") || !input.files.length) return;
  input.form.requestSubmit(document.getElementById(input.dataset.attaches));
});
