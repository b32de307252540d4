/* What Swift cannot tell SQLite: options that are set through variadic functions, and how files are written. */
#ifndef LIMN_SQLITE_OPTIONS_H
#define LIMN_SQLITE_OPTIONS_H

/* Keeps `connection` (an sqlite3 *) from checkpointing when it closes. Returns an SQLite result code. */
int limn_sqlite_no_checkpoint_on_close(void *connection);

/* Keeps SQLite from counting what it allocates, under a lock of all threads. To be called before SQLite is used, else it
   changes nothing. Returns an SQLite result code. */
int limn_sqlite_without_statistics(void);

/* Sets `synchronous = FULL` on `connection` (an sqlite3 *), whose database is in WAL mode, and from now on hands the pages of a
   commit to the system in one piece, before they are flushed. Nobody may set `synchronous` anew afterwards: what is not flushed
   when a transaction ends is thrown away as rolled back. Returns an SQLite result code. */
int limn_sqlite_flush_each_commit(void *connection);

#endif
