/** The port of the console where nothing else is asked for. */
export const USUAL_CONSOLE_PORT = 8788;
