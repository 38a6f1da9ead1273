// @ts-check
/** Moves what a scrolling element shows with the mouse; a finger scrolls by itself. It knows nothing of what is shown. */

const DRAG_STARTS_AT = 4;

export class DragToPan {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.stage = stage;
    /** Whether the click that comes now ends a drag, and so chooses nothing. */
    this.hasJustEnded = false;
    stage.addEventListener("pointerdown", (event) => this.began(event));
  }

  /** @param {PointerEvent} start */
  began(start) {
    const { stage } = this;
    this.hasJustEnded = false;
    if (start.button !== 0 || start.pointerType === "touch") return;
    const from = { left: stage.scrollLeft, top: stage.scrollTop };
    let moved = false;
    const move = (/** @type {PointerEvent} */ event) => {
      const [dx, dy] = [event.clientX - start.clientX, event.clientY - start.clientY];
      if (!moved && Math.hypot(dx, dy) < DRAG_STARTS_AT) return;
      if (!moved) stage.setPointerCapture(start.pointerId);
      moved = true;
      stage.classList.add("sfn-dragging");
      stage.scrollTo({ left: from.left - dx, top: from.top - dy });
    };
    const stop = () => {
      stage.removeEventListener("pointermove", move);
      for (const end of ["pointerup", "pointercancel"]) stage.removeEventListener(end, stop);
      stage.classList.remove("sfn-dragging");
      this.hasJustEnded = moved;
      // The click comes in the same task, if it comes; one without a pointer may come at any time after.
      setTimeout(() => (this.hasJustEnded = false));
    };
    stage.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, stop);
  }
}
