export function compare(_: readonly string[], __: object): void {}
