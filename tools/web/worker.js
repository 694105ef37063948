// Python beside the page: started once, then asked for frames. Knows no sliders and no page.
//   {start: {at, packages, language}}                -> {ready}
//   {build: {key, name, values, packages}}           -> {built: key}
//   {move: {key, values}}, {more: {key}}, {fine: {key}} -> {key, kind, width, height, data, words, unfinished, told}

let python, worker;

// The bundle has no 3D axes, which matplotlib would complain about.
const PRELUDE = `import warnings; warnings.filterwarnings("ignore", "Unable to import Axes3D")`;

async function start({at, packages, language}) {
  const {loadPyodide} = await import(at + "pyodide.mjs");
  python = await loadPyodide({
    indexURL: at,
    lockFileURL: at + "reading-lock.json",
    stdLibURL: at + "reading-stdlib.zip",
    env: {MPLBACKEND: "agg"},
    packages,
  });
  python.runPython(PRELUDE);
  python.pyimport("quicker").begin();
  worker = python.pyimport("helpers.worker");
  worker.speak(language);
}

function frame(kind, {key, values}) {
  const given = values === undefined ? [] : [python.toPy(values)];
  const answer = worker[kind](key, ...given);
  const told = {key, kind, ...Object.fromEntries(["words", "unfinished", "told"].map((name) => [name, answer.get(name)]))};
  const pixels = answer.get("pixels");
  if (pixels) {
    const seen = pixels.getBuffer("u8clamped");  // of Python's memory: the next frame overwrites it
    [told.height, told.width] = seen.shape;
    told.data = new Uint8ClampedArray(seen.data).buffer;
    seen.release();
    pixels.destroy();
  }
  answer.destroy();
  given.forEach((value) => value.destroy());
  return told;
}

const answers = {
  async start(asked) {
    await start(asked);
    return {ready: true};
  },
  async build({key, name, values, packages}) {
    await python.loadPackage(packages, {messageCallback() {}});
    if (packages.some((name) => !(name in python.loadedPackages))) throw new Error("The model could not be loaded: try again.");
    const [module, picture] = name.split(".");
    worker.build(key, python.pyimport(`helpers.figures.${module}`)[picture], python.toPy(values));
    return {built: key};
  },
  move: (asked) => frame("move", asked),
  more: (asked) => frame("more", asked),
  fine: (asked) => frame("fine", asked),
  memory: () => ({memory: python._module.HEAPU8.length}),
};

self.onmessage = async ({data}) => {
  const [[kind, asked]] = Object.entries(data);
  try {
    const told = await answers[kind](asked);
    self.postMessage(told, told.data ? [told.data] : []);
  } catch (error) {
    self.postMessage({failed: kind, key: asked.key, words: String(error.message ?? error)});
  }
};
