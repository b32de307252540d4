/* A commit writes each page into the write-ahead log in two calls of the system, which together cost more than the flush that
   follows. Here the pages wait in memory and go to the file in one call, just before it is flushed. */

#include "CSQLiteOptions.h"

#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

/* 31 pages of 4 KiB: a single write needs nine or ten, a long transaction writes so many at a time. */
#define CAPACITY (128 << 10)

/* SQLite reaches a file through its table of methods alone, so that a table which begins this structure is enough to stand between them. */
struct gathered_log {
    sqlite3_io_methods log;   /* the log's, first: see log_of */
    sqlite3_io_methods store; /* the store's */
    const sqlite3_io_methods *real_log, *real_store;
    sqlite3_file *log_file; /* NULL once it is closed */
    int open_files;
    int is_flushed;      /* since the right to write was taken */
    sqlite3_int64 start; /* where in the file the waiting bytes belong */
    int count;           /* how many wait */
    char bytes[CAPACITY];
};

static struct gathered_log *log_of(sqlite3_file *file) { return (struct gathered_log *)file->pMethods; }

static struct gathered_log *of_store(sqlite3_file *file) {
    return (struct gathered_log *)((char *)file->pMethods - offsetof(struct gathered_log, store));
}

/* Writes what waits. What could not be written goes on waiting: the transaction that it belongs to fails, or tries again. */
static int flush(struct gathered_log *log) {
    if (log->count == 0) return SQLITE_OK;
    int code = log->real_log->xWrite(log->log_file, log->bytes, log->count, log->start);
    if (code == SQLITE_OK) log->count = 0;
    return code;
}

static int log_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    struct gathered_log *log = log_of(file);
    if (offset != log->start + log->count || count > CAPACITY - log->count) {
        int code = flush(log);
        if (code != SQLITE_OK) return code;
    }
    /* Where a disk does not write sectors whole SQLite repeats the last page, and flushes in the middle of that: what follows is committed too. */
    if (log->is_flushed || count > CAPACITY) return log->real_log->xWrite(file, bytes, count, offset);
    if (log->count == 0) log->start = offset;
    memcpy(log->bytes + log->count, bytes, (size_t)count);
    log->count += count;
    return SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    struct gathered_log *log = log_of(file);
    if (offset < log->start + log->count && log->start < offset + count) {
        int code = flush(log);
        if (code != SQLITE_OK) return code;
    }
    return log->real_log->xRead(file, bytes, count, offset);
}

static int log_sync(sqlite3_file *file, int flags) {
    struct gathered_log *log = log_of(file);
    int code = flush(log);
    if (code != SQLITE_OK) return code;
    log->is_flushed = 1;
    return log->real_log->xSync(file, flags);
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size) {
    int code = flush(log_of(file));
    return code != SQLITE_OK ? code : log_of(file)->real_log->xTruncate(file, size);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size) {
    int code = flush(log_of(file));
    return code != SQLITE_OK ? code : log_of(file)->real_log->xFileSize(file, size);
}

static void close_one(struct gathered_log *log) {
    log->open_files -= 1;
    if (log->open_files == 0) sqlite3_free(log);
}

static int log_close(sqlite3_file *file) {
    struct gathered_log *log = log_of(file);
    int code = log->real_log->xClose(file);
    log->log_file = NULL;
    log->count = 0;
    close_one(log);
    return code;
}

static int store_close(sqlite3_file *file) {
    struct gathered_log *log = of_store(file);
    int code = log->real_store->xClose(file);
    close_one(log);
    return code;
}

/* The right to write is taken or given up. Who gives it up has flushed what was committed: what still waits was rolled back, and another
   process may soon write its own pages there. */
static int store_lock(sqlite3_file *file, int first, int count, int flags) {
    struct gathered_log *log = of_store(file);
    const int writing = 0; /* the first of the log's locks: WAL_WRITE_LOCK */
    if (first == writing && (flags & SQLITE_SHM_EXCLUSIVE)) log->count = log->is_flushed = 0;
    return log->real_store->xShmLock(file, first, count, flags);
}

int limn_sqlite_flush_each_commit(void *connection) {
    sqlite3 *database = connection;
    int code = sqlite3_exec(database, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
    if (code != SQLITE_OK) return code;
    sqlite3_file *store_file = NULL, *log_file = NULL;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &store_file);
    sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log_file);
    if (store_file == NULL || store_file->pMethods == NULL || store_file->pMethods->iVersion < 2) return SQLITE_OK;
    if (log_file == NULL || log_file->pMethods == NULL || log_file->pMethods->xWrite == log_write) return SQLITE_OK;

    struct gathered_log *log = sqlite3_malloc(sizeof(struct gathered_log));
    if (log == NULL) return SQLITE_NOMEM;
    log->real_log = log_file->pMethods;
    log->real_store = store_file->pMethods;
    log->log_file = log_file;
    log->open_files = 2;
    log->is_flushed = 0;
    log->start = 0;
    log->count = 0;
    log->log = *log->real_log;
    log->log.iVersion = 1;
    log->log.xRead = log_read;
    log->log.xWrite = log_write;
    log->log.xSync = log_sync;
    log->log.xTruncate = log_truncate;
    log->log.xFileSize = log_size;
    log->log.xClose = log_close;
    log->store = *log->real_store;
    log->store.xShmLock = store_lock;
    log->store.xClose = store_close;
    log_file->pMethods = &log->log;
    store_file->pMethods = &log->store;
    return SQLITE_OK;
}
