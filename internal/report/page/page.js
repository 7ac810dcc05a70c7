"use strict";
(() => {
  const root = document.documentElement;
  const choices = [...document.querySelectorAll("input[name=status]")];
  const findings = [...document.querySelectorAll("article")];
  const sections = [...document.querySelectorAll("main section")];
  const folds = [...document.querySelectorAll("details")];
  const shown = document.getElementById("shown");
  const unfold = document.getElementById("unfold");

  const filter = () => {
    const chosen = choices.find((c) => c.checked);
    const want = chosen ? chosen.value : "all";
    let n = 0;
    for (const f of findings) {
      f.hidden = want !== "all" && f.dataset.status !== want;
      if (!f.hidden) n++;
    }
    for (const s of sections) s.hidden = !s.querySelector("article:not([hidden])");
    shown.textContent = `${n} of ${findings.length} findings shown`;
  };
  const label = () => {
    unfold.textContent = folds.some((d) => !d.open) ? "Unfold all evidence" : "Fold all evidence";
  };

  root.classList.add("js");
  for (const c of choices) {
    c.disabled = false;
    c.addEventListener("change", filter);
  }
  filter(); // browsers restore the choice on reload

  unfold.hidden = folds.length === 0;
  unfold.addEventListener("click", () => {
    const open = folds.some((d) => !d.open);
    for (const d of folds) d.open = open;
    label();
  });
  // Unfolding all fires one event for each: one look at them per frame is enough.
  let due = false;
  const relabel = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      label();
    });
  };
  for (const d of folds) d.addEventListener("toggle", relabel);
  label();

  // A link to a finding that the filter hides shows it again.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.hidden) {
      choices[0].checked = true;
      filter();
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", follow);
  follow();

  // Paper cannot unfold: what is folded is printed all the same, and folded
  // again afterwards.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = folds.filter((d) => !d.open);
    for (const d of opened) d.open = true;
  });
  addEventListener("afterprint", () => {
    for (const d of opened) d.open = false;
  });
})();
