/* Options of SQLite that are set through variadic functions, which Swift cannot call. */
#ifndef LIMN_SQLITE_OPTIONS_H
#define LIMN_SQLITE_OPTIONS_H

/* Keeps `connection` (an sqlite3 *) from checkpointing when it closes. Returns an SQLite result code. */
int limn_sqlite_no_checkpoint_on_close(void *connection);

#endif
