// What was chosen is attached at once, without a second button. The button is clicked, so that the form goes where the
// button says and not where an answer is sent.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.matches?.("input[data-attaches]") && input.files.length) document.getElementById(input.dataset.attaches).click();
});
