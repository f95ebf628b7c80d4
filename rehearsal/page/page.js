// A hair line that follows the pointer through every lane, so that lanes can be compared at one moment.
for (const svg of document.querySelectorAll("svg")) {
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  line.setAttribute("class", "hair");
  line.setAttribute("y1", 0);
  line.setAttribute("y2", svg.viewBox.baseVal.height);
  svg.prepend(line);
  svg.addEventListener("pointermove", (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    line.setAttribute("x1", point.x);
    line.setAttribute("x2", point.x);
    line.style.opacity = 1;
  });
  svg.addEventListener("pointerleave", () => { line.style.opacity = 0; });
}
