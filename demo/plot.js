/** A curve that moves from right to left. Where there is no value it has a gap. */
const SVG = 'http://www.w3.org/2000/svg'
const POINTS = 120
const HEIGHT = 40

/** @param {SVGSVGElement} svg */
export function createPlot(svg) {
  const values = []
  const area = document.createElementNS(SVG, 'path')
  const line = document.createElementNS(SVG, 'path')
  area.setAttribute('class', 'area')
  line.setAttribute('class', 'line')
  svg.setAttribute('viewBox', `0 0 ${POINTS - 1} ${HEIGHT}`)
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.append(area, line)

  const draw = () => {
    // A little headroom, and never so little that noise looks like a mountain.
    const top = Math.max(5, ...values) * 1.15
    const left = POINTS - values.length
    let curve = ''
    let fill = ''
    let run = []
    const close = () => {
      if (run.length > 0) {
        curve += `M${run.join('L')}`
        fill += `M${run[0].split(' ')[0]} ${HEIGHT}L${run.join('L')}L${run.at(-1).split(' ')[0]} ${HEIGHT}Z`
      }
      run = []
    }
    values.forEach((value, i) => {
      if (value === null) close()
      else run.push(`${left + i} ${(HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(2)}`)
    })
    close()
    line.setAttribute('d', curve)
    area.setAttribute('d', fill)
  }

  return {
    /** @param {number | null} value */
    add(value) {
      values.push(value)
      if (values.length > POINTS) values.shift()
      draw()
    },
  }
}
