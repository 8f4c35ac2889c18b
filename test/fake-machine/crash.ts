/** A connection that breaks at a chosen call: what kill -9 or a lost network leaves behind. */

import type { Connection } from '../../src/model/connection.ts';
import { Failure } from '../../src/model/failure.ts';

/** The n-th call (from 1) and all after it fail; `after`: the n-th call still has its effect, but its answer is lost. */
export function crashing(connection: Connection, n: number, when: 'before' | 'after'): Connection {
  let calls = 0;
  const guard = async <T>(call: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls > n || (calls === n && when === 'before')) throw lost(connection);
    const result = await call();
    if (calls >= n) throw lost(connection);
    return result;
  };
  return {
    ...connection,
    run: (argv, options) => guard(() => connection.run(argv, options)),
    write: (path, content, mode) => guard(() => connection.write(path, content, mode)),
    read: (path) => guard(() => connection.read(path)),
    upload: (source, path, options) => guard(() => connection.upload(source, path, options)),
  };
}

function lost(connection: Connection): Failure {
  return new Failure('CONNECTION_LOST', 'the test broke the connection', { host: connection.host.name });
}
