// What ipywidgets leaves out, for each box of sliders: names and values for a screen reader, the picture's words, presenting.
// A function of an image inside the box; `helpers/live.py` says how it gets there (and so plain names are those of the image first).
(image) => {
  const root = document.documentElement, box = image.closest(".live-sliders"), outputs = box?.closest(".jp-OutputArea");
  image.remove();
  if (!box) return;
  const set = (node, name, value) => node && node.getAttribute(name) !== value && node.setAttribute(name, value);

  const dress = () => {
    for (const control of box.querySelectorAll(".widget-hslider, .widget-toggle-buttons, .widget-textarea")) {
      const name = control.querySelector(".widget-label")?.textContent ?? "";
      const readout = control.querySelector(".widget-readout"), handle = control.querySelector("[role=slider]");
      set(handle, "aria-label", name);
      set(handle, "aria-valuetext", readout?.textContent);
      set(readout, "role", "textbox");
      set(readout, "aria-label", name);
      set(control.querySelector("textarea"), "aria-label", name);
      if (control.matches(".widget-toggle-buttons")) {
        set(control, "role", "group");
        set(control, "aria-label", name);
        for (const button of control.querySelectorAll("button")) set(button, "aria-pressed", `${button.classList.contains("mod-active")}`);
      }
    }
    const told = box.querySelector(".live-told .widget-html-content");
    set(told, "role", "status");
    for (const picture of outputs?.querySelectorAll(".jp-RenderedImage img") ?? []) set(picture, "alt", told?.textContent ?? "");
    const button = box.querySelector(".live-present");
    set(button, "aria-label", button?.title);
    set(button, "aria-pressed", `${root.classList.contains("presenting")}`);
    if (button && !button.onclick) button.onclick = () => present(!root.classList.contains("presenting"));
  };

  const present = (on) => {
    root.classList.toggle("presenting", on);
    try { sessionStorage.setItem("presenting", on); } catch { /* a page without storage */ }
    for (const button of document.querySelectorAll(".live-present")) set(button, "aria-pressed", `${on}`);
    for (const part of on ? [] : document.querySelectorAll(".jp-NotebookPanel > *")) {  // Jupyter measured them while they were large
      part.style.width = `${part.parentElement.clientWidth}px`;
      if (part.matches(".jp-Notebook")) part.style.height = `${part.parentElement.clientHeight - part.offsetTop}px`;
    }
    const near = box.closest(".jp-OutputArea-child") ?? box;
    for (const wait of [50, 400]) setTimeout(() => near.scrollIntoView({block: "start"}), wait);
  };

  dress();
  new MutationObserver(dress).observe(outputs ?? box, {
    childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["aria-valuetext", "class"],
  });
  const chosen = sessionStorage.getItem("presenting") ?? `${image.dataset.present === "yes"}`;
  if (chosen === "true") root.classList.add("presenting");
  root.liveEscape ??= window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.classList.contains("presenting")) present(false);
  }, true) ?? true;  // before Jupyter hears it
}
