// The live pictures of one page: native sliders, and Python in a worker that answers each move with a frame.
// One question is under way at a time, and the newest place of the sliders wins: nothing queues behind the hand.

const REST = 250;  // ms without a move after which the fine picture is drawn; as in helpers/live.py
const SLOW = 250;  // ms; where three moves in a row take longer, the picture is moved in steps
const PAUSE = 10;  // ms between two parts of a picture that is computed while it is looked at
const top = new URL(document.documentElement.dataset.top, location.href);
const told = document.getElementById("python");
const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");  // English: the page's language

function say(text, fields = {}) {
  return (words[text] ?? text).replace(/{(\w+)}/g, (_, name) => fields[name]);
}

// ---------------------------------------------------------------- what a slider says

// Numbers as in the notebooks: ",d", ",.0f", ".2f", ".0e"
function number(value, form) {
  if (form.endsWith("e")) return value.toExponential(Number(form.match(/\.(\d)/)?.[1] ?? 0));
  const digits = form.endsWith("d") ? 0 : Number(form.match(/\.(\d)/)?.[1] ?? 2);
  return value.toLocaleString("en-US", {minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: form.startsWith(",")});
}

function reading(slider, input) {
  if (slider.kind === "list" || slider.kind === "buttons") {
    const {words, value} = slider.options[Number(input.value)];
    return {words, value};
  }
  if (slider.kind === "text") return {value: input.value};
  const raw = Number(input.value);
  const value = slider.kind === "power" ? 10 ** raw : raw;
  return {words: number(value, slider.form), value};
}

// ---------------------------------------------------------------- one live picture

const lives = [];

class Live {
  constructor(figure, key) {
    Object.assign(this, JSON.parse(figure.dataset.live));
    this.key = key;
    this.figure = figure;
    this.sliders = JSON.parse(figure.dataset.sliders);
    this.form = figure.querySelector("form");
    this.words = figure.querySelector(".words");
    this.told = figure.querySelector(".told");
    this.image = figure.querySelector("img");
    this.controls = [...this.form.querySelectorAll(".control")];
    this.built = this.near = false;
    this.wants = null;  // what to ask next: "move", "more", "fine"
    this.slow = 0;  // moves in a row that took long
    this.form.addEventListener("input", () => this.moved());
    this.form.addEventListener("reset", () => setTimeout(() => this.moved()));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.first = this.values();
    this.say();
  }

  input(place) {
    return this.controls[place].querySelector("input:checked, input[type=range], textarea");
  }

  values() {
    return Object.fromEntries(this.sliders.map((slider, place) => [slider.name, reading(slider, this.input(place)).value]));
  }

  say() {
    this.sliders.forEach((slider, place) => {
      const output = this.controls[place].querySelector("output");
      if (!output) return;
      const {words} = reading(slider, this.input(place));
      output.textContent = words;
      this.input(place).setAttribute("aria-valuetext", words);
    });
  }

  moved() {
    this.say();
    this.later();
    this.wants = "move";
    this.broken = false;
    wake();
    ask();
  }

  later(wait, wants) {  // what follows when no move comes first
    clearTimeout(this.timer);
    if (wants) this.timer = setTimeout(() => { this.wants = wants; ask(); }, wait);
  }

  answer({kind, width, height, data, words, unfinished, told}) {
    if (kind === "move" || words) this.words.textContent = words;  // a refusal's words stay until the next move
    if (kind === "move") this.took(performance.now() - this.since);
    if (data) this.draw(width, height, data);
    if (kind === "fine") {  // at rest: spoken once, not at every frame
      this.canvas.setAttribute("aria-label", told);
      this.told.textContent = told;
    }
    if (this.wants === "move") return;  // the hand is already elsewhere
    if (kind !== "fine") this.later(unfinished ? PAUSE : REST, unfinished ? "more" : "fine");
  }

  asking() {
    this.since = performance.now();
    this.patience = setTimeout(() => this.figure.classList.add("drawing"), SLOW);
  }

  took(time) {
    clearTimeout(this.patience);
    this.figure.classList.remove("drawing");
    this.slow = time > SLOW ? this.slow + 1 : 0;
    if (this.slow >= 3 && !this.figure.classList.contains("steps")) this.inSteps(time);
  }

  // A device too slow to follow the hand: it says so, and gives each slider two buttons.
  inSteps(time) {
    this.figure.classList.add("steps");
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = say("One picture takes about {seconds} s on this device: move in steps.", {seconds: (time / 1000).toFixed(1)});
    this.form.before(note);
    this.sliders.forEach(({label}, place) => {
      const input = this.input(place);
      if (input.type !== "range") return;
      input.setAttribute("aria-label", label);  // of its own, or the buttons' names belong to it
      for (const [sign, name, step] of [["−", "less", "stepDown"], ["+", "more", "stepUp"]]) {
        const button = Object.assign(document.createElement("button"), {type: "button", className: name, textContent: sign});
        button.setAttribute("aria-label", `${label}: ${say(name)}`);
        button.onclick = () => { input[step](); this.moved(); };
        this.controls[place].append(button);
      }
    });
  }

  draw(width, height, data) {
    if (!this.canvas) {
      this.canvas = document.createElement("canvas");
      this.canvas.setAttribute("role", "img");
      this.canvas.setAttribute("aria-label", this.image.alt);
      this.image.replaceWith(this.canvas);
      this.context = this.canvas.getContext("2d", {alpha: false});
    }
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, {width, height});
    this.context.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
    this.figure.dispatchEvent(new CustomEvent("frame", {bubbles: true}));
  }
}

// ---------------------------------------------------------------- Python

let worker = null, state = "asleep", busy = false;

function status(next, words) {
  state = next;
  told.dataset.state = next;
  told.textContent = words;
  document.documentElement.dataset.python = next;
}

function wake() {
  if (state !== "asleep" && state !== "failed") return;
  status("waking", say("Python is waking: the sliders follow in a few seconds"));
  worker = new Worker(new URL("web/worker.js", top), {type: "module"});
  worker.onerror = (event) => fail(event.message || "the worker did not start");
  worker.onmessage = ({data}) => heard(data);
  busy = true;
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const packages = ["reading-numbers", "reading-pictures", ...(language === "zh" ? ["reading-chinese"] : [])];
  worker.postMessage({start: {at: new URL("python/", top).href, packages, language}});
}

function fail(words) {
  worker?.terminate();
  busy = false;
  for (const live of lives) live.built = false;
  status("failed", `${say("Python could not start here: the pictures stay as they were saved.")} `);
  const again = document.createElement("button");
  again.textContent = say("try again");
  again.onclick = wake;
  told.append(again);
  console.warn(words);
}

function heard(data) {
  busy = false;
  const live = lives[data.key];
  if (data.failed === "start") return fail(data.words);
  if (data.ready) status("awake", say("Python is awake: drag a slider"));
  else if (data.memory) remember(data.memory);
  else if (data.built !== undefined) lives[data.built].built = true;
  else if (data.failed) {
    live.words.textContent = data.words.trim().split("\n").at(-1);  // of a traceback, what went wrong
    live.broken = !live.built;  // until the next move tries again
  }
  else live.answer(data);
  ask();
}

let remember;
window.pythonMemory = () => new Promise((done) => { remember = done; worker.postMessage({memory: {}}); });  // bytes, for tests

function ask() {
  if (busy || state !== "awake") return;
  const open = lives.filter((live) => !live.broken);
  const live = open.find((live) => live.wants === "move") ?? open.find((live) => live.wants && live.built)
    ?? open.find((live) => live.near && !live.built);
  if (!live) return;
  busy = true;
  const {key, picture: name, packages, fixed} = live;
  if (!live.built) return worker.postMessage({build: {key, name, packages, values: {...fixed, ...live.first}}});
  const kind = live.wants;
  live.wants = null;
  if (kind === "move") {
    live.figure.asked = live.values();
    live.asking();
  }
  worker.postMessage({[kind]: kind === "move" ? {key, values: live.figure.asked} : {key}});
}

// ---------------------------------------------------------------- the page

for (const figure of document.querySelectorAll("figure.live")) lives.push(new Live(figure, lives.length));

const nearby = new IntersectionObserver((entries) => {
  for (const {isIntersecting, target} of entries) {
    const live = lives.find(({figure}) => figure === target);
    live.near = isIntersecting;
  }
  ask();
}, {rootMargin: "100% 0px"});
for (const {figure} of lives) nearby.observe(figure);

const slow = navigator.connection?.saveData || /2g|3g/.test(navigator.connection?.effectiveType ?? "");
if (!lives.length) told.hidden = true;
else if (slow || matchMedia("(max-width: 700px)").matches) status("asleep", say("Touch a slider to wake Python (about 16 MB, once)"));
else wake();

// A picture that moves by itself until somebody takes its slider.
const player = lives.find((live) => live.play);
if (player && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
  const place = player.sliders.findIndex(({name}) => name === player.play), input = player.input(place);
  const low = Number(input.min), reach = Number(input.max) - low;
  const phase = Math.acos(1 - 2 * (Number(input.value) - low) / reach), ROUND = 25_000;  // ms, once to and fro
  let began = null, over = false;
  for (const event of ["pointerdown", "keydown"]) player.form.addEventListener(event, () => { over = true; });
  const step = (now) => {
    if (over) return;
    if (player.built && player.near) {
      began ??= now;
      over = now - began > ROUND;
      const turn = phase + Math.min(1, (now - began) / ROUND) * 2 * Math.PI;
      input.value = low + reach * (1 - Math.cos(turn)) / 2;
      player.moved();
    }
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

// What scrolls sideways can be scrolled by keyboard, so it can have the focus; what does not scroll is no stop on the way.
new ResizeObserver(() => {
  for (const part of document.querySelectorAll("main pre, main math[display=block], main .wide")) {
    const scrolls = part.scrollWidth > part.clientWidth + 1;
    if (scrolls) part.setAttribute("tabindex", "0");
    else part.removeAttribute("tabindex");
  }
}).observe(document.querySelector("main"));

// For a lecture hall: large type, code folded, a picture and its sliders on one screen. Escape, or the button again: back.
const show = document.getElementById("present"), root = document.documentElement;
function present(on) {
  const near = document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest("section, figure");
  root.classList.toggle("presenting", on);
  sessionStorage.setItem("presenting", on);
  show.setAttribute("aria-pressed", on);
  near?.scrollIntoView({block: near.querySelector("figure") ? "start" : "center"});
}
if (show) {
  show.hidden = false;
  show.onclick = () => present(!root.classList.contains("presenting"));
  addEventListener("keydown", (event) => { if (event.key === "Escape" && root.classList.contains("presenting")) present(false); });
  if (sessionStorage.getItem("presenting") === "true") present(true);
}

const theme = document.getElementById("theme");
theme.hidden = false;
theme.onclick = () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = (root.dataset.theme || (dark ? "dark" : "light")) === "dark" ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
};

// On paper nothing can be unfolded.
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("main details:not([open])")];
  for (const details of unfolded) details.open = true;
});
addEventListener("afterprint", () => { for (const details of unfolded) details.open = false; });

const fold = document.getElementById("fold"), folded = [...document.querySelectorAll("section.code > details")];
if (fold && folded.length) {
  fold.hidden = false;
  fold.onclick = () => {
    const open = !folded.some((details) => details.open);
    for (const details of folded) details.open = open;
    fold.textContent = say(open ? "fold code" : "show code");
  };
}
