(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const narrow = matchMedia("(max-width: 40rem)").matches;
  const escaped = (text) => {
    const span = document.createElement("span");
    span.textContent = text;
    return span.innerHTML;
  };
  const drawn = [...document.querySelectorAll("[data-chart]")].map((place) => {
    const spec = charts[place.dataset.chart];
    if (narrow) spec.config.axisY.labelLimit = 120;
    return vegaEmbed(place, spec, {
      actions: false,
      ast: true, // expressions are interpreted, so that the page needs no eval
      defaultStyle: false,
      renderer: "svg",
      tooltip: { disableDefaultStyle: true, sanitize: (value) => escaped(String(value)) },
    });
  });
  Promise.all(drawn).then(
    () => (document.documentElement.dataset.charts = "drawn"),
    (error) => console.error("A chart could not be drawn:", error),
  );
})();
