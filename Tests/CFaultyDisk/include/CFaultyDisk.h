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
