// Copies what a field holds. Its buttons are shown only where copying works; without them the field is marked and copied by hand.
"use strict";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        button.textContent = "Copied";
      } catch {
        field.select();
        button.textContent = "Marked: copy it by hand";
      }
      setTimeout(() => { button.textContent = label; }, 3000);
    });
  }
}
