import { TaskTokenRefused } from '../../engine/task/task-tokens.ts';
import { ServiceError } from './service-error.ts';

/** Does what a task token asks for; a refused token is told in AWS's words. Answers nothing. */
export function withToken(act: () => void): object {
  try {
    act();
    return {};
  } catch (error) {
    if (error instanceof TaskTokenRefused) throw new ServiceError(error.name, error.message);
    throw error;
  }
}
