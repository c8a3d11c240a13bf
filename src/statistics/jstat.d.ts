/** Of jstat, which comes without types, the three functions that this room uses. */
declare module 'jstat' {
  interface Distributions {
    readonly studentt: { inv(p: number, degreesOfFreedom: number): number };
    readonly beta: { inv(p: number, alpha: number, beta: number): number };
    readonly binomial: { cdf(successes: number, trials: number, p: number): number };
  }
  const module: { readonly jStat: Distributions };
  export default module;
}
