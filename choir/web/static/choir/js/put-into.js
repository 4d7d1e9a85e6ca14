// <button data-puts-into="ID"> puts the text marked data-answer beside it into the field, where the caret is.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-puts-into]");
  if (!button) return;
  const field = document.getElementById(button.dataset.putsInto);
  const answer = button.closest(".note, li, article")?.querySelector("[data-answer]");
  if (!field || !answer) return;
  field.focus();
  field.setRangeText(answer.textContent.trim(), field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
