/* Files of `schema/` and mappings of `peers/crm/` compiled into the program, so that the binary needs nothing beside it. */
#ifndef LIMN_EMBEDDED_FILES_H
#define LIMN_EMBEDDED_FILES_H

#include <stddef.h>

typedef struct {
    const char *name;           /* path below `schema/`; a mapping's from the top */
    const unsigned char *bytes;
    size_t length;
} limn_embedded_file;

/* The file at `index`, in the order of the table; NULL past the last. */
const limn_embedded_file *limn_embedded_file_at(size_t index);

#endif
