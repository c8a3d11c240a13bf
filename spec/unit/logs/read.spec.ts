import crc32c from 'crc-32/crc32c.js';
import { describe, expect, it } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { defineMessages } from '../../../src/formats/protobuf.ts';
import type { Columns, Curve } from '../../../src/logs/curve.ts';
import { parseCurve } from '../../../src/logs/read.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string, name = 'log', columns?: Columns): Curve => parseCurve(bytes(text), name, columns);

/** Two epochs, as every format below tells them. */
const EPOCHS = [
  { epoch: 1, trainAccuracy: 0.8, trainLoss: 0.5, testAccuracy: 0.9, testLoss: 0.3 },
  { epoch: 2, trainAccuracy: 0.95, trainLoss: 0.2, testAccuracy: 0.97, testLoss: 0.1 },
];

describe('a curve is read from', () => {
  it.each<[string, string, string]>([
    [
      "Lightning's CSVLogger, whose rows of one epoch lie apart and which logs steps between",
      'epoch,lr-SGD,step,train_acc_epoch,train_loss_epoch,val_acc,val_loss\n0,0.1,49,,,,\n0,,99,,,0.9,0.3\n0,,99,0.8,0.5,,\n1,,199,,,0.97,0.1\n1,,199,0.95,0.2,,\n',
      'Lightning CSVLogger',
    ],
    [
      "Keras' CSVLogger",
      'epoch,accuracy,learning_rate,loss,val_accuracy,val_loss\n0,0.8,0.1,0.5,0.9,0.3\n1,0.95,0.1,0.2,0.97,0.1\n',
      'Keras CSVLogger',
    ],
    [
      "Hugging Face's trainer_state.json, but for what sums the run up",
      JSON.stringify({
        log_history: [
          { epoch: 1, loss: 0.5, train_accuracy: 0.8, learning_rate: 0.1, step: 10 },
          { epoch: 1, eval_loss: 0.3, eval_accuracy: 0.9, step: 10 },
          { epoch: 1.5, loss: 0.33, step: 15 },
          { epoch: 2, loss: 0.2, train_accuracy: 0.95, step: 20 },
          { epoch: 2, eval_loss: 0.1, eval_accuracy: 0.97, step: 20 },
          { epoch: 2, train_runtime: 12, train_loss: 0.35, step: 20 },
        ],
      }),
      "Hugging Face's trainer_state.json",
    ],
    [
      "DVCLive's JSON lines, which call an epoch a step",
      '{"step":0,"train":{"loss":0.5,"acc":0.8},"test":{"loss":0.3,"acc":0.9}}\n{"step":1,"train":{"loss":0.2,"acc":0.95},"test":{"loss":0.1,"acc":0.97}}\n',
      'JSON lines',
    ],
    [
      'JSON, a list a column',
      JSON.stringify({
        accuracy: [0.8, 0.95],
        loss: [0.5, 0.2],
        val_accuracy: [0.9, 0.97],
        val_loss: [0.3, 0.1],
      }),
      'JSON',
    ],
    [
      'a CSV in per cent, with semicolons',
      'Epoch;Train Acc;Train Loss;Test Acc;Test Loss\n1;80;0.5;90;0.3\n2;95;0.2;97;0.1\n',
      'CSV',
    ],
  ])('%s', (_, text, format) => {
    const curve = read(text);
    expect(curve.format).toBe(format);
    expect(curve.epochs).toMatchObject(EPOCHS);
  });

  it('a CSV whose columns are named', () => {
    const text = 'n,a,b,c,d\n1,0.8,0.5,0.9,0.3\n2,0.95,0.2,0.97,0.1\n';
    const columns = { epoch: 'n', trainAccuracy: 'a', trainLoss: 'b', testAccuracy: 'c', testLoss: 'd' };
    expect(read(text, 'log', columns).epochs).toMatchObject(EPOCHS);
  });

  it('a TensorBoard event file', () => {
    expect(parseCurve(events(), 'events.out.tfevents.1')).toMatchObject({
      format: 'TensorBoard',
      epochs: EPOCHS,
    });
  });

  it('a loss that is no number, as it was written', () => {
    const [epoch] = read('epoch,acc,loss,val_acc,val_loss\n0,0.1,nan,0.1,inf\n').epochs;
    expect([epoch!.trainLoss, epoch!.testLoss]).toEqual([Number.NaN, Infinity]);
  });

  it('an accuracy with as many digits as the log has', () => {
    expect(read('epoch,acc,loss,val_acc,val_loss\n0,0.1,1,0.99,1\n').epochs[0]!.rounding).toBeCloseTo(
      0.005,
      10,
    );
    expect(read('epoch,acc,loss,val_acc,val_loss\n0,10,1,99.41,1\n').epochs[0]!.rounding).toBeCloseTo(
      0.00005,
      10,
    );
  });
});

describe('a log is refused', () => {
  const head = 'epoch,acc,loss,val_acc,val_loss\n';
  it.each<[string, string, string]>([
    [
      'without a figure that is promised on',
      'epoch,loss,val_acc,val_loss\n0,1,0.9,1\n',
      "has no column for trainAccuracy: expected one of train_acc, train_accuracy, accuracy, acc, sparse_categorical_accuracy, categorical_accuracy, found epoch, loss, val_acc, val_loss. Log it every epoch, or name its column: columns: { trainAccuracy: '...' }",
    ],
    [
      'with an epoch left out',
      `${head}0,0.1,1,0.1,1\n2,0.1,1,0.1,1\n`,
      'leaves epochs out: expected every one from 0 or 1 on, found 2 after 0',
    ],
    ['that begins late', `${head}5,0.1,1,0.1,1\n`, 'found 5 first'],
    [
      'with a word for a number',
      `${head}0,high,1,0.1,1\n`,
      'epoch 1: expected a number for trainAccuracy, found "high"',
    ],
    [
      'with an accuracy above all',
      `${head}0,0.5,1,140,1\n`,
      'expected testAccuracy from 0 to 1, or in per cent, found 140',
    ],
    [
      'with an epoch that is none',
      `${head}one,0.1,1,0.1,1\n`,
      'an epoch that is no number: expected 0 or more, found "one"',
    ],
    ['without rows', head, 'has no epochs'],
    ['with a ragged row', `${head}0,0.1,1\n`, 'expected a CSV with the same columns in every row'],
    [
      'that is prose',
      'Training went well.\n',
      'expected a CSV with a line of column names, JSON or TensorBoard events',
    ],
    ['with half a line of JSON', '{"epoch":0,"acc":1}\n{"epoch":1,"a', 'expected JSON in line 2'],
  ])('%s', (_, text, words) => {
    expect(() => read(text)).toThrow(GateError);
    expect(() => read(text)).toThrow(words);
  });

  it('whose events were cut off or changed', () => {
    const whole = events();
    expect(() => parseCurve(whole.subarray(0, whole.length - 3), 'tfevents')).toThrow(
      'It was cut off or changed',
    );
    const changed = whole.with(20, whole[20]! ^ 1);
    expect(() => parseCurve(changed, 'tfevents')).toThrow('expected the checksum');
  });
});

/** Written here by the published layout of a record: length, its checksum, data, its checksum. */
function events(): Uint8Array {
  const writer = defineMessages('events', {
    Event: {
      wallTime: [1, 'double'],
      step: [2, 'int64'],
      fileVersion: [3, 'string'],
      summary: [5, 'Summary'],
    },
    Summary: { value: [1, 'Value[]'] },
    Value: { tag: [1, 'string'], simpleValue: [2, 'float'] },
  });
  const scalars = EPOCHS.flatMap((epoch, i) => [
    { step: i, tag: 'train/acc', simpleValue: epoch.trainAccuracy },
    { step: i, tag: 'train/loss', simpleValue: epoch.trainLoss },
    { step: i, tag: 'test/acc', simpleValue: epoch.testAccuracy },
    { step: i, tag: 'test/loss', simpleValue: epoch.testLoss },
  ]);
  const records = [
    writer.encode('Event', { wallTime: 1, fileVersion: 'brain.Event:2' }),
    ...scalars.map(({ step, ...value }) =>
      writer.encode('Event', { wallTime: 1, step: BigInt(step), summary: { value: [value] } }),
    ),
  ];
  return Uint8Array.from(
    Buffer.concat(
      records.flatMap((record) => {
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(record.length));
        return [length, checksum(length), Buffer.from(record), checksum(record)];
      }),
    ),
  );
}

function checksum(data: Uint8Array): Buffer {
  const sum = BigInt(crc32c.buf(data) >>> 0);
  const turned = ((sum >> 15n) | (sum << 17n)) & 0xffffffffn;
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE(Number((turned + 0xa282ead8n) & 0xffffffffn));
  return masked;
}
