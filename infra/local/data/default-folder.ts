/** The data folder where no other is named. */
export const DEFAULT_DATA_DIR = '.local';
