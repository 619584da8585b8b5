// Branded ids: strings that have passed a parser, told apart by the compiler.

declare const brand: unique symbol;

/** `T` marked as a `Name`: only the parser of that name makes one. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
