import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { GateError, messageOf } from '../errors.ts';
import { damaged, MEBIBYTE, readBounded } from '../formats/bounded-file.ts';
import { type Columns, type Curve, curveOf, type LogRow } from './curve.ts';
import { rowsOfCsv } from './csv.ts';
import { rowsOfJson, rowsOfLines, rowsOfTrainerState } from './json.ts';
import { isEvents, rowsOfEvents } from './tensorboard.ts';

/** A log of one training run is small; more is none. */
const MOST_BYTES = 32 * MEBIBYTE;

/**
 * Reads the curve in the log of a training run: a CSV of Lightning's or Keras' CSVLogger or of one's own, the trainer_state.json
 * of Hugging Face, JSON, JSON lines as DVCLive's, or a TensorBoard event file (a folder with one is taken as that file).
 * `columns` names columns that are called otherwise. Throws GateError for what is none of these, or lacks a figure.
 */
export function readCurve(log: string, columns: Columns = {}): Curve {
  const file = inFolder(log);
  const bytes = readBounded(file, { what: 'a log', mostBytes: MOST_BYTES });
  return parseCurve(bytes, file, columns);
}

/** As `readCurve`, of the bytes of a file. */
export function parseCurve(bytes: Uint8Array, file: string, columns: Columns = {}): Curve {
  const { format, rows } = rowsOf(bytes, file);
  return curveOf(format, rows, file, columns);
}

interface Rows {
  readonly format: string;
  readonly rows: readonly LogRow[];
}

function rowsOf(bytes: Uint8Array, file: string): Rows {
  if (isEvents(bytes, path.basename(file))) return { format: 'TensorBoard', rows: rowsOfEvents(bytes, file) };
  const text = textOf(bytes, file);
  if (/^\s*[[{]/.test(text)) return rowsOfJsonText(text, file);
  const rows = rowsOfCsv(text, file);
  const names = Object.keys(rows[0] ?? {});
  if (names.includes('step') && names.includes('epoch')) return { format: 'Lightning CSVLogger', rows };
  const isKeras =
    names[0] === 'epoch' && names.includes('loss') && names.some((name) => name.startsWith('val_'));
  return { format: isKeras ? 'Keras CSVLogger' : 'CSV', rows };
}

function rowsOfJsonText(text: string, file: string): Rows {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (lines.length < 2) throw notJson(file, error);
    return { format: 'JSON lines', rows: rowsOfLines(lines, file) };
  }
  const state = rowsOfTrainerState(json);
  if (state !== undefined) return { format: "Hugging Face's trainer_state.json", rows: state };
  return { format: 'JSON', rows: rowsOfJson(json, file) };
}

function notJson(file: string, error: unknown): GateError {
  return damaged(file, 'a log', 'JSON', messageOf(error), 'Write it anew.');
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw damaged(file, 'a log', 'text in UTF-8 or a TensorBoard event file', 'other bytes');
  }
}

/** TensorBoard writes a folder. */
function inFolder(log: string): string {
  let isFolder: boolean;
  try {
    isFolder = lstatSync(log).isDirectory();
  } catch (error) {
    throw new GateError(
      `${log} cannot be read: expected a log, found ${messageOf(error)}. Train first, or correct the path.`,
    );
  }
  if (!isFolder) return log;
  const events = readdirSync(log).filter((name) => name.includes('tfevents'));
  if (events.length === 1) return path.join(log, events[0]!);
  throw new GateError(
    `${log} is a folder with ${events.length} event files: expected one, of one run. Name the file, or clean the folder before training.`,
  );
}
