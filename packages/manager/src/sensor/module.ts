import { readFile } from 'node:fs/promises';
import { SYSINFO_VERSION, Sysinfo } from 'contract';
import { Compile } from 'typebox/compile';
import { codeOf, GestorError, messageOf } from '../errors.ts';

const document = Compile(Sysinfo);

/** The name of the file ends in the carnet. */
const loadAgain = (path: string) => `Load it: make -C module all load CARNET=${path.replace(/^.*_/, '')}`;

const hasVersion = (value: unknown): value is { version: unknown } =>
  typeof value === 'object' && value !== null && 'version' in value;

/**
 * Validates the text of a sysinfo document.
 * @throws GestorError SENSOR_EMPTY, SENSOR_NOT_JSON, SENSOR_WRONG_VERSION or SENSOR_WRONG_SHAPE
 */
function parseSysinfo(text: string, path: string): Sysinfo {
  if (text.trim() === '') {
    throw new GestorError('SENSOR_EMPTY', `${path} is empty. ${loadAgain(path)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new GestorError('SENSOR_NOT_JSON', `${path} is not whole JSON: ${messageOf(error)}`, error);
  }
  if (hasVersion(value) && value.version !== SYSINFO_VERSION) {
    throw new GestorError(
      'SENSOR_WRONG_VERSION',
      `${path} speaks version ${String(value.version)}, this manager reads version ${SYSINFO_VERSION}. ` +
        'Build module and manager from the same source.',
    );
  }
  if (document.Check(value)) return value;
  const first = document.Errors(value)[0];
  throw new GestorError(
    'SENSOR_WRONG_SHAPE',
    `${path} is not a sysinfo document: ${first?.instancePath || 'the whole'} ${first?.message ?? 'is wrong'}.`,
  );
}

/**
 * Reads one frame from the kernel module.
 * @throws GestorError SENSOR_MISSING, SENSOR_UNREADABLE and those of parseSysinfo
 */
export async function readModule(path: string): Promise<Sysinfo> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      throw new GestorError(
        'SENSOR_MISSING',
        `${path} is not there: the kernel module is not loaded. ${loadAgain(path)}`,
        error,
      );
    }
    throw new GestorError('SENSOR_UNREADABLE', `${path} can't be read: ${messageOf(error)}`, error);
  }
  return parseSysinfo(text, path);
}
