// A disk that fails when told: a SQLite VFS before the system's, for tests alone.
#pragma once

enum faulty_kind {
    FAULTY_NONE,
    // One call fails: a read, write, sync, truncate, open, delete or size.
    FAULTY_IO_ERROR,
    // From one write on the disk is full.
    FAULTY_DISK_FULL,
    // One write reaches the disk by half, and says so.
    FAULTY_SHORT_WRITE,
    // From one call on nothing works any more; `faulty_lose_unsynced` then makes the disk what it is after the power is back.
    FAULTY_POWER_LOSS,
};

// Makes it this process's default VFS; 0, or SQLite's error. Until armed it passes everything on.
int faulty_install(void);

// From now on counts the calls that concern files whose path begins so, and fails at the call with this number, from 1; 0 for never.
// What was written before counts as synced.
void faulty_arm(enum faulty_kind kind, long call, const char *path_prefix);

// Everything works again; what was written unsynced stays known.
void faulty_disarm(void);

// Calls that could have failed since `faulty_arm`.
long faulty_calls(void);

// Whether the failure has come.
int faulty_has_struck(void);

// Takes back from the files below `copy`, a copy of the folder `path_prefix`, what was not synced: of these writes, in their order, the
// first `kept` stay. Returns how many unsynced writes there were, or -1 where a file could not be changed.
long faulty_lose_unsynced(const char *path_prefix, const char *copy, long kept);

// Where a thread can be held up.
enum gate_place {
    GATE_NONE,
    // Before it writes to a log.
    GATE_LOG_WRITE,
    // In a checkpoint, when it has read what the log holds, and before it looks how far that is copied.
    GATE_CHECKPOINT,
};

// From now on counts, for files whose path begins so, how often one connection checkpoints while another one writes.
void faulty_watch(const char *path_prefix);

// How often that was since `faulty_watch`.
long faulty_overlaps(void);

// Closes a gate: the next thread that comes there waits. `GATE_NONE` opens it.
void faulty_gate(enum gate_place place);

// Returns when a thread waits at the closed gate.
void faulty_await(void);

// A connection to a store by somebody who does not know of its lock, as any other program may have.
struct outsider;

// NULL where the file cannot be opened.
struct outsider *outsider_open(const char *path);
// Reads something; 0, or SQLite's error.
int outsider_read(struct outsider *outsider);
// Copies the log into the file as far as it can without waiting; 0, or SQLite's error.
int outsider_checkpoint(struct outsider *outsider);
void outsider_close(struct outsider *outsider);

// Whether SQLite is of a version in which a checkpoint cannot lose what is committed beside it.
int sqlite_is_mended(void);
