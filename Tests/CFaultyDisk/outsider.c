#include "CFaultyDisk.h"

#include <sqlite3.h>
#include <stdlib.h>

struct outsider {
    sqlite3 *connection;
};

struct outsider *outsider_open(const char *path) {
    struct outsider *outsider = malloc(sizeof *outsider);
    if (outsider == NULL) abort();
    if (sqlite3_open_v2(path, &outsider->connection, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        sqlite3_db_config(outsider->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        return outsider;
    }
    outsider_close(outsider);
    return NULL;
}

int outsider_read(struct outsider *outsider) { return sqlite3_exec(outsider->connection, "SELECT count(*) FROM node", NULL, NULL, NULL); }

int outsider_checkpoint(struct outsider *outsider) {
    return sqlite3_wal_checkpoint_v2(outsider->connection, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

void outsider_close(struct outsider *outsider) {
    sqlite3_close(outsider->connection);
    free(outsider);
}

// Mended in 3.51.3, 3.50.7 and 3.44.6.
int sqlite_is_mended(void) {
    int version = sqlite3_libversion_number();
    return version >= 3051003 || (version >= 3050007 && version < 3051000) || (version >= 3044006 && version < 3045000);
}
