/** The text of src/generated/schema.gen.ts for a contract given as text. */
export function generateSchema(protoText: string): string;
