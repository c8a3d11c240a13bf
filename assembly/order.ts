/** What changes with every step, written by the first thread before it calls the others: `src/engine/native/order.ts` has the same fields. */
@unmanaged
export class Order {
  /** Of this step. */
  images: i32;
  labelSmoothing: f32;
}
