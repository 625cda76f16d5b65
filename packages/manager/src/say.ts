/** Tells the user one line of what is going on. */
export type Say = (line: string) => void;
