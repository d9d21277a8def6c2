// What is pointed at, by mouse, finger or arrow keys.
const tip = made("div", { id: "tip", hidden: true });
tip.setAttribute("role", "status");
document.body.append(tip);
const said = new WeakMap();
const learn = (title) => { // shown here, and not by the browser as well
  said.set(title.parentNode, title.textContent);
  title.remove();
};
const show = (element) => {
  const box = element.getBoundingClientRect();
  tip.textContent = said.get(element);
  tip.hidden = false;
  const across = document.documentElement.clientWidth;
  const left = Math.min(box.left + box.width / 2 + 10, across - tip.offsetWidth - 8);
  tip.style.left = `${Math.max(8, left) + scrollX}px`;
  tip.style.top = `${Math.max(8, box.top - tip.offsetHeight - 8) + scrollY}px`;
};
const hide = () => {
  tip.hidden = true;
  all(".here").forEach((each) => each.classList.remove("here"));
};
all(".chart title").forEach(learn);
const pointed = (event) => {
  let element = event.target instanceof Element ? event.target : null;
  while (element && !said.has(element)) element = element.parentElement;
  element ? show(element) : hide();
};
document.addEventListener("pointerover", pointed);
document.addEventListener("pointerdown", pointed);
all(".chart > svg").forEach((chart) => {
  let place = -1;
  chart.setAttribute("tabindex", "0");
  chart.addEventListener("blur", hide);
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") hide();
    if (!step) return;
    const stops = all("*", chart).filter((each) => said.has(each) && each.getClientRects().length);
    if (!stops.length) return;
    event.preventDefault();
    place = Math.max(0, Math.min(stops.length - 1, place + step));
    hide();
    stops[place].classList.add("here");
    show(stops[place]);
  });
});
