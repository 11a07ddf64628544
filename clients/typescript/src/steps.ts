/** Work that goes on while one looks at it: iterate over it for each step, or await it for the last one. */
export class Steps<T> implements AsyncIterable<T>, PromiseLike<T> {
  constructor(private readonly begin: () => AsyncGenerator<T, void, void>) {}

  [Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    return this.begin();
  }

  then<R1 = T, R2 = never>(
    fulfilled?: ((last: T) => R1 | PromiseLike<R1>) | null,
    rejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return this.last().then(fulfilled, rejected);
  }

  private async last(): Promise<T> {
    let last: { step: T } | undefined;
    for await (const step of this) {
      last = { step };
    }
    if (last === undefined) {
      throw new RangeError("work without a step");
    }
    return last.step;
  }
}
