#define _GNU_SOURCE
#include "CFaultyDisk.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What a write or a truncation that was not synced has changed.
struct change {
    struct change *earlier;
    char *path;
    sqlite3_int64 offset;
    int old_count;
    sqlite3_int64 old_size;
    char old_bytes[];
};

struct faulty_file {
    sqlite3_file base;
    char *path;
    sqlite3_file *real;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_vfs *system_vfs;
static sqlite3_vfs faulty_vfs;
static enum faulty_kind armed_kind = FAULTY_NONE;
static long armed_call, calls;
static int has_struck, is_dead;
static char prefix[4096];
static struct change *latest;

static int is_watched(const char *path) { return path != NULL && prefix[0] != 0 && strncmp(path, prefix, strlen(prefix)) == 0; }

enum call_kind { CALL_READ, CALL_WRITE, CALL_OTHER };

// Whether this call fails. Short writes are told apart by the caller.
static int strikes(const char *path, enum call_kind kind) {
    int fails = 0;
    pthread_mutex_lock(&mutex);
    if (is_watched(path) && armed_kind != FAULTY_NONE) {
        int counts = 1;
        switch (armed_kind) {
        case FAULTY_DISK_FULL:
        case FAULTY_SHORT_WRITE: counts = kind == CALL_WRITE; break;
        case FAULTY_POWER_LOSS: counts = kind != CALL_READ; break;
        default: break;
        }
        if (is_dead) {
            fails = armed_kind == FAULTY_POWER_LOSS || counts;
        } else if (counts) {
            calls += 1;
            if (calls == armed_call) {
                has_struck = 1;
                fails = 1;
                is_dead = armed_kind == FAULTY_DISK_FULL || armed_kind == FAULTY_POWER_LOSS;
            }
        }
    }
    pthread_mutex_unlock(&mutex);
    return fails;
}

static sqlite3_file *real_of(sqlite3_file *file) { return ((struct faulty_file *)file)->real; }
static const char *path_of(sqlite3_file *file) { return ((struct faulty_file *)file)->path; }

// Keeps what is about to be overwritten.
static void remember(sqlite3_file *file, sqlite3_int64 offset, int count) {
    if (!is_watched(path_of(file))) return;
    sqlite3_file *real = real_of(file);
    sqlite3_int64 size = 0;
    if (real->pMethods->xFileSize(real, &size) != SQLITE_OK) return;
    sqlite3_int64 held = size - offset;
    int old_count = held <= 0 ? 0 : held < count ? (int)held : count;
    struct change *change = malloc(sizeof(struct change) + (size_t)old_count);
    if (change == NULL) abort();
    change->path = strdup(path_of(file));
    change->offset = offset;
    change->old_count = old_count;
    change->old_size = size;
    if (old_count > 0 && real->pMethods->xRead(real, change->old_bytes, old_count, offset) != SQLITE_OK) abort();
    pthread_mutex_lock(&mutex);
    change->earlier = latest;
    latest = change;
    pthread_mutex_unlock(&mutex);
}

static void forget(const char *path) {
    pthread_mutex_lock(&mutex);
    struct change **link = &latest;
    while (*link != NULL) {
        struct change *change = *link;
        if (path == NULL || strcmp(change->path, path) == 0) {
            *link = change->earlier;
            free(change->path);
            free(change);
        } else {
            link = &change->earlier;
        }
    }
    pthread_mutex_unlock(&mutex);
}

// Locks of SQLite's log, by their places in the shared memory.
enum { WRITE_LOCK, CHECKPOINT_LOCK, KEPT_LOCKS };

static char watched[4096];
static sqlite3_file *holders[KEPT_LOCKS];
static long overlaps;
static enum gate_place closed_gate = GATE_NONE;
static int is_someone_waiting;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;

static int is_within(const char *path) { return path != NULL && watched[0] != 0 && strncmp(path, watched, strlen(watched)) == 0; }

// Whoever comes to the closed gate waits until it is opened; the next passes.
static void pass(enum gate_place place, const char *path) {
    pthread_mutex_lock(&mutex);
    if (closed_gate == place && !is_someone_waiting && is_within(path)) {
        is_someone_waiting = 1;
        pthread_cond_broadcast(&gate_changed);
        while (closed_gate == place) pthread_cond_wait(&gate_changed, &mutex);
        is_someone_waiting = 0;
    }
    pthread_mutex_unlock(&mutex);
}

static void note_lock(sqlite3_file *file, int offset, int count, int flags) {
    if ((flags & SQLITE_SHM_EXCLUSIVE) == 0) return;
    pthread_mutex_lock(&mutex);
    for (int lock = offset; lock < offset + count && lock < KEPT_LOCKS; lock += 1) {
        if (!is_within(path_of(file))) continue;
        if (flags & SQLITE_SHM_UNLOCK) {
            if (holders[lock] == file) holders[lock] = NULL;
        } else {
            holders[lock] = file;
            if (holders[1 - lock] != NULL && holders[1 - lock] != file) overlaps += 1;
        }
    }
    pthread_mutex_unlock(&mutex);
}

static int faulty_close(sqlite3_file *file) {
    sqlite3_file *real = real_of(file);
    int code = real->pMethods != NULL ? real->pMethods->xClose(real) : SQLITE_OK;
    free(((struct faulty_file *)file)->path);
    return code;
}

static int faulty_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    if (strikes(path_of(file), CALL_READ)) return SQLITE_IOERR_READ;
    return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
}

static int ends_with(const char *path, const char *end) {
    size_t length = path != NULL ? strlen(path) : 0, count = strlen(end);
    return length >= count && strcmp(path + length - count, end) == 0;
}

static int faulty_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    sqlite3_file *real = real_of(file);
    if (ends_with(path_of(file), "-wal")) pass(GATE_LOG_WRITE, path_of(file));
    if (strikes(path_of(file), CALL_WRITE)) {
        if (armed_kind == FAULTY_DISK_FULL) return SQLITE_FULL;
        if (armed_kind == FAULTY_SHORT_WRITE) {
            remember(file, offset, count / 2);
            real->pMethods->xWrite(real, bytes, count / 2, offset);
        }
        return SQLITE_IOERR_WRITE;
    }
    remember(file, offset, count);
    return real->pMethods->xWrite(real, bytes, count, offset);
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size) {
    sqlite3_file *real = real_of(file);
    if (strikes(path_of(file), CALL_OTHER)) return SQLITE_IOERR_TRUNCATE;
    sqlite3_int64 present = 0;
    if (real->pMethods->xFileSize(real, &present) == SQLITE_OK && present > size && present - size < 1 << 30) {
        remember(file, size, (int)(present - size));
    }
    return real->pMethods->xTruncate(real, size);
}

static int faulty_sync(sqlite3_file *file, int flags) {
    if (strikes(path_of(file), CALL_OTHER)) return SQLITE_IOERR_FSYNC;
    int code = real_of(file)->pMethods->xSync(real_of(file), flags);
    if (code == SQLITE_OK) forget(path_of(file));
    return code;
}

static int faulty_size(sqlite3_file *file, sqlite3_int64 *size) {
    if (strikes(path_of(file), CALL_READ)) return SQLITE_IOERR_FSTAT;
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int faulty_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
static int faulty_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
static int faulty_reserved(sqlite3_file *file, int *is) { return real_of(file)->pMethods->xCheckReservedLock(real_of(file), is); }
static int faulty_control(sqlite3_file *file, int code, void *argument) {
    return real_of(file)->pMethods->xFileControl(real_of(file), code, argument);
}
static int faulty_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
static int faulty_device(sqlite3_file *file) {
    // A power loss may keep a later write and lose an earlier one: no promise of the system's is passed on.
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)) & SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN;
}
static int faulty_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, memory);
}
static int faulty_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    if (flags & SQLITE_SHM_UNLOCK) note_lock(file, offset, count, flags);
    int code = real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
    if (code == SQLITE_OK && flags & SQLITE_SHM_LOCK) note_lock(file, offset, count, flags);
    return code;
}
static void faulty_shm_barrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
static int faulty_shm_unmap(sqlite3_file *file, int remove) { return real_of(file)->pMethods->xShmUnmap(real_of(file), remove); }

// No file is mapped here. A checkpoint calls the latter when it has read that the log is another, and before it looks how far the log
// is copied.
static int faulty_fetch(sqlite3_file *file, sqlite3_int64 offset, int count, void **memory) {
    (void)file, (void)offset, (void)count;
    *memory = NULL;
    return SQLITE_OK;
}
static int faulty_unfetch(sqlite3_file *file, sqlite3_int64 offset, void *memory) {
    (void)offset;
    pthread_mutex_lock(&mutex);
    int is_checkpoint = holders[CHECKPOINT_LOCK] == file;
    pthread_mutex_unlock(&mutex);
    if (memory == NULL && is_checkpoint) pass(GATE_CHECKPOINT, path_of(file));
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    3, faulty_close, faulty_read, faulty_write, faulty_truncate, faulty_sync, faulty_size, faulty_lock, faulty_unlock, faulty_reserved,
    faulty_control, faulty_sector, faulty_device, faulty_shm_map, faulty_shm_lock, faulty_shm_barrier, faulty_shm_unmap, faulty_fetch, faulty_unfetch,
};

static int faulty_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *flags_out) {
    (void)vfs;
    struct faulty_file *faulty = (struct faulty_file *)file;
    memset(faulty, 0, sizeof *faulty);
    if (strikes(path, CALL_OTHER)) return SQLITE_CANTOPEN;
    faulty->real = (sqlite3_file *)(faulty + 1);
    int code = system_vfs->xOpen(system_vfs, path, faulty->real, flags, flags_out);
    if (code != SQLITE_OK) return code;
    faulty->path = path != NULL ? strdup(path) : NULL;
    faulty->base.pMethods = &methods;
    return SQLITE_OK;
}

static int faulty_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    (void)vfs;
    if (strikes(path, CALL_OTHER)) return SQLITE_IOERR_DELETE;
    int code = system_vfs->xDelete(system_vfs, path, sync);
    if (code == SQLITE_OK) forget(path);
    return code;
}

int faulty_install(void) {
    if (system_vfs != NULL) return SQLITE_OK;
    int code = sqlite3_initialize();
    if (code != SQLITE_OK) return code;
    system_vfs = sqlite3_vfs_find(NULL);
    if (system_vfs == NULL) return SQLITE_ERROR;
    faulty_vfs = *system_vfs;
    faulty_vfs.zName = "faulty";
    faulty_vfs.pNext = NULL;
    faulty_vfs.szOsFile = (int)sizeof(struct faulty_file) + system_vfs->szOsFile;
    faulty_vfs.xOpen = faulty_open;
    faulty_vfs.xDelete = faulty_delete;
    return sqlite3_vfs_register(&faulty_vfs, 1);
}

void faulty_arm(enum faulty_kind kind, long call, const char *path_prefix) {
    forget(NULL);
    pthread_mutex_lock(&mutex);
    armed_kind = kind;
    armed_call = call;
    calls = 0;
    has_struck = 0;
    is_dead = 0;
    strncpy(prefix, path_prefix, sizeof prefix - 1);
    pthread_mutex_unlock(&mutex);
}

void faulty_disarm(void) {
    pthread_mutex_lock(&mutex);
    armed_kind = FAULTY_NONE;
    is_dead = 0;
    prefix[0] = 0;
    pthread_mutex_unlock(&mutex);
}

void faulty_watch(const char *path_prefix) {
    pthread_mutex_lock(&mutex);
    strncpy(watched, path_prefix, sizeof watched - 1);
    memset(holders, 0, sizeof holders);
    overlaps = 0;
    pthread_mutex_unlock(&mutex);
}

long faulty_overlaps(void) {
    pthread_mutex_lock(&mutex);
    long count = overlaps;
    pthread_mutex_unlock(&mutex);
    return count;
}

void faulty_gate(enum gate_place place) {
    pthread_mutex_lock(&mutex);
    closed_gate = place;
    pthread_cond_broadcast(&gate_changed);
    pthread_mutex_unlock(&mutex);
}

void faulty_await(void) {
    pthread_mutex_lock(&mutex);
    while (!is_someone_waiting) pthread_cond_wait(&gate_changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

long faulty_calls(void) { return calls; }
int faulty_has_struck(void) { return has_struck; }

long faulty_lose_unsynced(const char *path_prefix, const char *copy, long kept) {
    long count = 0;
    pthread_mutex_lock(&mutex);
    for (struct change *change = latest; change != NULL; change = change->earlier) count += 1;
    long left = count;
    for (struct change *change = latest; change != NULL && left > kept; change = change->earlier, left -= 1) {
        if (strncmp(change->path, path_prefix, strlen(path_prefix)) != 0) continue;
        char path[8192];
        if (strlen(copy) + strlen(change->path) >= sizeof path) { count = -1; break; }
        strcpy(path, copy);
        strcat(path, change->path + strlen(path_prefix));
        int descriptor = open(path, O_RDWR);
        // A file that is gone has nothing to take back.
        if (descriptor < 0) continue;
        if (pwrite(descriptor, change->old_bytes, (size_t)change->old_count, change->offset) != change->old_count
            || ftruncate(descriptor, change->old_size) != 0) count = -1;
        close(descriptor);
    }
    pthread_mutex_unlock(&mutex);
    return count;
}
