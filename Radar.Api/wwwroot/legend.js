import { showAmount } from './amount.js';
import { decimals } from './exact.js';
import { frames } from './frames.js';
import { shown } from './zone.js';

/** Shows a bar of a symbol in exact figures. */
export function showLegend(symbol, bar, ofDays) {
  const digits = Math.max(...['o', 'h', 'l', 'c'].map(member => decimals(bar[member])));
  const time = shown(bar.time * 1000, ofDays || undefined).slice(0, ofDays ? 10 : 16).replace('T', ' ');
  document.getElementById('legend').replaceChildren(figure('T', time), ...['o', 'h', 'l', 'c', 'v'].map(
    member => figure(member.toUpperCase(), bar[member], member === 'v' ? 0 : digits)));
  document.getElementById('chart').setAttribute(
    'aria-label', `Bars of ${symbol}; the newest: open ${bar.o}, high ${bar.h}, low ${bar.l}, close ${bar.c}`);
}

/** The choice between lengths of a bar. */
export function frameChoices(choose) {
  return frames.map(frame => {
    const label = document.createElement('label');
    const input = document.createElement('input');
    const text = document.createElement('span');
    Object.assign(input, { type: 'radio', name: 'frame', value: frame.name });
    input.addEventListener('change', () => choose(frame));
    text.textContent = frame.short;
    label.append(input, text);
    return label;
  });
}

function figure(name, text, digits) {
  const element = document.createElement('span');
  element.dataset.name = name;
  if (name === 'T') element.textContent = text;
  else showAmount(element.appendChild(document.createElement('span')), text, digits);
  return element;
}
