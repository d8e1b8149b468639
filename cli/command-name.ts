/** How people start this program: a clone is started with npm, and a package brings a command of its own. */
export const COMMAND = import.meta.filename.endsWith('.ts') ? 'npx atlas-lake' : 'atlas-lake';
