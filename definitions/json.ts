/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
/** A record's fields by API name. A lookup field holds the id of the record it points at. */
export type Values = Record<string, Json>
