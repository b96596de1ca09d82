// Brands: types that only their parser can make.

declare const brand: unique symbol

/** A `T` that has passed the parser called `parse<Name>`, and nothing else. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
