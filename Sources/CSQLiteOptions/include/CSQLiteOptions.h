/* Options of SQLite that are set through variadic functions, which Swift cannot call. */
#ifndef LIMN_SQLITE_OPTIONS_H
#define LIMN_SQLITE_OPTIONS_H

/* Keeps `connection` (an sqlite3 *) from checkpointing when it closes. Returns an SQLite result code. */
int limn_sqlite_no_checkpoint_on_close(void *connection);

/* Keeps SQLite from counting what it allocates, under a lock of all threads. To be called before SQLite is used, else it
   changes nothing. Returns an SQLite result code. */
int limn_sqlite_without_statistics(void);

#endif
