// In JupyterLite: an address that ends with #cell-id=... opens its notebook at that cell, as in JupyterLab.
const wanted = new URLSearchParams(location.hash.slice(1)).get("cell-id");
const soon = () => new Promise((done) => setTimeout(done, 100));

async function find() {
  while (!window.jupyterapp) await soon();
  const {shell, restored} = window.jupyterapp;
  await restored;
  while (!shell.currentWidget?.context) await soon();
  const panel = shell.currentWidget;
  await panel.context.ready;
  const place = [...panel.context.model.cells].findIndex(({id}) => id === wanted);
  if (place < 0) return;
  await soon();  // until the notebook has put its cells in place
  panel.content.activeCellIndex = place;
  await panel.content.scrollToItem(place, "start");
}

if (wanted) find();
