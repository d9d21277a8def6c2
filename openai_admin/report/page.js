(async () => {
  const text = (id) => document.getElementById(id).textContent;
  const packed = Uint8Array.from(atob(text("library")), (character) => character.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const library = document.createElement("script");
  library.textContent = await new Response(unpacked).text();
  document.head.append(library);

  const charts = JSON.parse(text("charts"));
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
  await Promise.all(drawn);
  document.documentElement.dataset.charts = "drawn";
})().catch((error) => console.error("A chart could not be drawn:", error));
