// Light & Heat in the browser. Every page works without this file; it adds what a page alone cannot do: keep the focus
// when a part of the page is replaced, keep a reviewer's words when the network is gone, draw Plotly when asked to.
// Words come from data attributes, so that they are translated where all others are.

const CHART_CONFIG = { displaylogo: false, plotlyServerURL: "", responsive: true, showSendToCloud: false };
const DASHES = ["solid", "dash", "dot", "dashdot"];
const SYMBOLS = ["circle", "square", "diamond", "triangle-up"];

// ---------------------------------------------------------------- telling

const words = document.getElementById("words").dataset;

/** Have a screen reader say it, once it has finished what it is saying; the same words again, too. */
function announce(text) {
  const live = document.getElementById("live");
  live.textContent = "";
  requestAnimationFrame(() => (live.textContent = text));
}

/** Say in sight that something failed; an empty text takes it back. */
function complain(text) {
  const trouble = document.getElementById("trouble");
  trouble.textContent = text;
  trouble.hidden = !text;
}

// ---------------------------------------------------------------- focus after a part of the page was replaced

function focusWithoutTabStop(element) {
  if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
  element.focus();
}

let focusedBefore = null;

function rememberFocus() {
  focusedBefore = document.activeElement;
}

/** When the focused control was replaced, go on from the heading of what replaced it. Polling moves nobody's focus. */
function keepFocus(event) {
  const lost = focusedBefore && focusedBefore !== document.body && !focusedBefore.isConnected;
  const place = event.detail.elt;
  const next = place.matches("[data-focus], h1, h2, h3") ? place : place.querySelector("[data-focus], h1, h2, h3");
  if (!lost || !next) return;
  focusedBefore = null;
  focusWithoutTabStop(next);
}

function announceSwap(event) {
  const place = event.detail.elt;
  const said = place.matches("[data-announce]") ? place : place.querySelector("[data-announce]");
  if (said) announce(said.dataset.announce);
}

// ---------------------------------------------------------------- drafts: nothing written is lost
// <form data-draft hx-post="draft address" hx-trigger="input delay:600ms, change" hx-swap="none"> keeps what is typed;
// <span data-saved role="status"> says so. Pressing its button posts the form as any form does.

const person = document.body.dataset.person ?? "";
const DRAFT = "draft:";
const DRAFT_FORM = "form[data-draft]";

/** Drafts of the person who is signed in: a phone may be shared. */
function storedDrafts() {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(`${DRAFT}${person}:`))
    .map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
}

const draftKey = (form) => `${DRAFT}${person}:${form.getAttribute("hx-post")}`;

let signingOut = false; // an answer that comes after the button was pressed must not write the words down again

function storeDraft(form) {
  if (signingOut) return;
  const body = new URLSearchParams(new FormData(form));
  body.delete("csrfmiddlewaretoken");
  localStorage.setItem(draftKey(form), JSON.stringify({ address: form.getAttribute("hx-post"), body: body.toString() }));
}

function showSaved(state) {
  for (const place of document.querySelectorAll("[data-saved]:not(template)")) {
    place.dataset.state = state;
    place.textContent = { saved: words.saved, waiting: words.waiting, failed: words.failed }[state];
  }
}

function restoreDraft(form) {
  const stored = localStorage.getItem(draftKey(form));
  if (!stored) return;
  for (const [name, value] of new URLSearchParams(JSON.parse(stored).body)) {
    const control = form.elements.namedItem(name);
    if (control) control.value = value; // a RadioNodeList chooses the radio with this value
  }
}

// The score was sent, the round was closed, or the text cannot be kept: asking again changes nothing.
const FINAL_REFUSALS = [404, 409, 422];

/** Send one draft. Anything but a yes or a final no (a lost session, a server that is down) leaves it on the phone. */
async function sendDraft({ key, address, body }) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const response = await fetch(address, {
    method: "POST",
    headers: { "X-CSRFToken": token, "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded" },
    body,
  });
  const kept = response.ok && !response.redirected && !response.headers.has("HX-Redirect");
  if (!kept && !FINAL_REFUSALS.includes(response.status)) throw new Error(`${response.status}`);
  localStorage.removeItem(key);
  return kept;
}

/** Send what waited on this phone. What fails again waits for the next time. */
async function sendStoredDrafts() {
  for (const draft of storedDrafts()) {
    try {
      if (await sendDraft(draft)) showSaved("saved");
    } catch {
      showSaved("waiting");
    }
  }
}

function draftAnswered(event) {
  const form = event.detail.elt.closest(DRAFT_FORM);
  const { xhr } = event.detail;
  if (!form || xhr.status < 200) return;
  if (xhr.status >= 400) return showSaved("failed"); // a server that is down says so once more, in requestFailed
  if (xhr.getResponseHeader("HX-Redirect")) return storeDraft(form); // the session is over: sign in first
  localStorage.removeItem(draftKey(form));
  showSaved("saved");
}

/** The network is gone: keep it here and say so, quietly. */
function draftNotSent(form) {
  storeDraft(form);
  showSaved("waiting");
}

/** Pressing the button without a network must not end in the browser's own error page. */
function submitDraft(event) {
  const form = event.target.closest(DRAFT_FORM);
  if (!form) return;
  storeDraft(form);
  if (navigator.onLine) return;
  event.preventDefault();
  showSaved("waiting");
}

function forgetDrafts() {
  signingOut = true;
  storedDrafts().forEach(({ key }) => localStorage.removeItem(key));
}

// ---------------------------------------------------------------- failures and uploads

function requestFailed(event) {
  const form = event.detail.elt.closest(DRAFT_FORM);
  const noAnswer = event.type !== "htmx:responseError" || event.detail.xhr.status >= 500;
  if (form && noAnswer) return draftNotSent(form);
  if (form) return showSaved("failed");
  complain(noAnswer ? words.unreachable : words.refused);
}

function uploadProgress(event) {
  const bar = event.target.querySelector("progress[data-upload]");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.max = event.detail.total;
  bar.value = event.detail.loaded;
}

// ---------------------------------------------------------------- Plotly, only when somebody presses "Explore"
// <button data-explore="id of the json_script" data-target="id of the place" data-plotly="address of plotly.min.js">

// Plotly brings a stylesheet for maps, which we never draw and our policy refuses. Where it finds this id, it leaves it out.
const MAP_STYLES = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";

function withoutMapStyles() {
  const standIn = document.createElement("template");
  standIn.id = MAP_STYLES;
  document.body.append(standIn);
}

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Color is never the only sign: each of four colors has its own mark, and its lines are dashed when it comes again. */
function markedApart(trace, index) {
  const dash = DASHES[Math.floor(index / SYMBOLS.length) % DASHES.length];
  const symbol = SYMBOLS[index % SYMBOLS.length];
  return { ...trace, line: { dash, ...trace.line }, marker: { symbol, ...trace.marker } };
}

/** The figure in our colors, whichever theme is on. */
function inOurLook(layout) {
  const dressed = {
    margin: { t: 32, r: 24 },
    ...layout,
    colorway: [1, 2, 3, 4].map((number) => token(`--series-${number}`)),
    font: { ...layout.font, family: token("--sans"), color: token("--ink"), size: 15 },
    paper_bgcolor: token("--surface"),
    plot_bgcolor: token("--surface"),
  };
  for (const axis of Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name))) {
    dressed[axis] = {
      automargin: true,
      ...layout[axis],
      gridcolor: token("--hairline"),
      linecolor: token("--control"),
      zeroline: false,
    };
  }
  return dressed;
}

/** The buttons do nothing without this script, so they are there only with it. */
function offerExploring() {
  for (const button of document.querySelectorAll("[data-explore][hidden]")) button.hidden = false;
}

async function explore(button) {
  const place = document.getElementById(button.dataset.target);
  const figure = JSON.parse(document.getElementById(button.dataset.explore).textContent);
  button.disabled = true;
  try {
    if (!document.getElementById(MAP_STYLES)) withoutMapStyles();
    if (!window.Plotly) await loadScript(button.dataset.plotly);
    place.hidden = false;
    place.setAttribute("role", "group"); // until now an image; from now on there are buttons in it
    await window.Plotly.newPlot(place, figure.data.map(markedApart), inOurLook(figure.layout ?? {}), CHART_CONFIG);
    for (const offer of document.querySelectorAll(`[data-offers="${place.id}"]`)) offer.hidden = false;
    focusWithoutTabStop(place);
  } catch {
    complain(words.unreachable);
    button.disabled = false;
  }
}

/** <button data-save="svg" data-target="id of the place" data-name="file name">: the drawing as a file. */
function save(button) {
  const { save: format, target, name } = button.dataset;
  window.Plotly.downloadImage(document.getElementById(target), { format, filename: name, width: 1000, height: 600 });
}

// ---------------------------------------------------------------- what listens to what

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-explore]");
  if (button) explore(button);
  const saving = event.target.closest("[data-save]");
  if (saving) save(saving);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) forgetDrafts();
  submitDraft(event);
});
document.addEventListener("htmx:beforeRequest", () => complain(""));
document.addEventListener("htmx:afterRequest", draftAnswered);
document.addEventListener("htmx:beforeSwap", rememberFocus);
document.addEventListener("htmx:afterSettle", keepFocus);
document.addEventListener("htmx:afterSettle", announceSwap);
document.addEventListener("htmx:afterSettle", offerExploring);
document.addEventListener("htmx:xhr:progress", uploadProgress);
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, requestFailed);
window.addEventListener("online", sendStoredDrafts);

document.querySelector("[data-focus]")?.focus();
document.querySelectorAll(DRAFT_FORM).forEach(restoreDraft);
offerExploring();
if (person) sendStoredDrafts();
